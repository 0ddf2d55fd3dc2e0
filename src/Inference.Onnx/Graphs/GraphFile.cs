namespace Inference.Onnx;

/// <summary>What a graph file holds, without loading it.</summary>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Bytes">Bytes of the file and of the files its weights lie in.</param>
public sealed record GraphFile(long Parameters, long Bytes)
{
    // Values below this are shapes, axes and constants of the graph rather than weights of the model.
    private const int LeastWeight = 8;

    /// <exception cref="GraphException">The file is missing, truncated or no graph.</exception>
    public static GraphFile Measure(string path)
    {
        var model = OnnxModel.Read(path);
        var files = model.Initializers.Select(tensor => tensor.Bytes?.Location).OfType<string>().Append(Path.GetFileName(model.File)).Distinct();
        return new(
            model.Initializers.Where(tensor => tensor.Count >= LeastWeight).Sum(tensor => tensor.Count),
            files.Sum(file => RealPath.LengthOf(Path.Combine(model.Folder, file))));
    }
}
