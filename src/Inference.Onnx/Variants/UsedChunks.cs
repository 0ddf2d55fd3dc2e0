namespace Inference.Onnx;

/// <summary>
/// Projections of which only some chunks are read are computed for those alone. A block's modulation is one matrix for shift, scale and gate; a form that
/// is given the branches reads the gates only. The rows of the matrix that make a chunk lie together, so no weight is copied.
/// </summary>
internal sealed class UsedChunks
{
    private readonly OnnxModel _model;
    private readonly GraphIndex _graph;
    private readonly KnownNumbers _numbers;
    private readonly Dictionary<string, OnnxTensor> _weights;
    private readonly HashSet<string> _outputs;
    private readonly Dictionary<OnnxNode, OnnxNode[]> _replaced = [];

    private UsedChunks(OnnxModel model)
    {
        (_model, _graph) = (model, new(model));
        _numbers = new(_graph);
        _weights = model.Initializers.DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
        _outputs = [.. model.Outputs.Select(OnnxModel.NameOf)];
    }

    /// <summary>Edits a model in place; what nothing reads any more is left in it.</summary>
    public static void Apply(OnnxModel model)
    {
        var edit = new UsedChunks(model);
        foreach (var node in model.Nodes.ToArray())
            edit.Divide(node);
        var nodes = model.Nodes.SelectMany(node => edit._replaced.TryGetValue(node, out var chunk) ? chunk : [node]).ToArray();
        model.Nodes.Clear();
        model.Nodes.AddRange(nodes);
    }

    /// <summary>A chunk that is read, and the node that cuts it out.</summary>
    private sealed record Chunk(OnnxNode Cut, long First, long Count);

    private void Divide(OnnxNode projection)
    {
        if (projection.Inputs.Count != 3 || !Linear.Is(projection) || WeightOf(projection.Inputs[1]) is not { } weight || WeightOf(projection.Inputs[2]) is not { Cast: null } bias
            || weight.Tensor.Dimensions is not [var width, _] || bias.Tensor.Dimensions is not [var biases] || biases != width)
            return;
        var value = projection.Outputs[0];
        _numbers.Note(value, 2, width);
        // Between the projection and its chunks there may be a dimension added before the last one.
        var between = Readers(value).Where(reader => reader.Operator != "Shape").ToArray() is [{ Operator: "Unsqueeze" } only] && _numbers.Of(only.Inputs[1]) is 0 or 1 ? only : null;
        if (between is not null)
            _numbers.Note(between.Outputs[0], 3, width);
        var chunked = between?.Outputs[0] ?? value;
        var rank = between is null ? 2 : 3;
        var chunks = new List<Chunk>();
        foreach (var reader in Readers(chunked))
            if (reader.Operator == "Shape")
                continue;
            else if (ChunkOf(reader, chunked, rank, width) is { } chunk)
                chunks.Add(chunk);
            else
                return;
        if (_outputs.Contains(value) || _outputs.Contains(chunked) || chunks.Count == 0 || chunks.Sum(chunk => chunk.Count) >= width)
            return;
        foreach (var chunk in chunks)
            Replace(projection, between, weight, bias, chunk);
    }

    private void Replace(OnnxNode projection, OnnxNode? between, Weight weight, Weight bias, Chunk chunk)
    {
        var result = chunk.Cut.Outputs[0];
        if (Add(weight.Tensor, chunk) is not { } rows || Add(bias.Tensor, chunk) is not { } offsets)
            return;
        var nodes = new List<OnnxNode>();
        if (weight.Cast is { } cast)
        {
            nodes.Add(cast.Copy() with { Name = "", Inputs = [rows], Outputs = [$"{rows}.cast"] });
            rows = $"{rows}.cast";
        }
        var projected = between is null ? result : $"{result}.chunk";
        nodes.Add(projection.Copy() with { Name = "", Inputs = [projection.Inputs[0], rows, offsets], Outputs = [projected] });
        if (between is not null)
            nodes.Add(between.Copy() with { Name = "", Inputs = [projected, between.Inputs[1]], Outputs = [result] });
        _replaced[chunk.Cut] = [.. nodes];
    }

    private string? Add(OnnxTensor tensor, Chunk chunk)
    {
        var name = $"{tensor.Name}[{chunk.First}..{chunk.First + chunk.Count}]";
        if (_weights.ContainsKey(name))
            return name;
        if (tensor.Rows(name, chunk.First, chunk.Count) is not { } rows)
            return null;
        _weights.Add(name, rows);
        _model.Initializers.Add(rows);
        return name;
    }

    private Chunk? ChunkOf(OnnxNode reader, string value, int rank, long width)
    {
        if (reader is not { Operator: "Slice", Inputs.Count: 4 or 5 } || reader.Inputs[0] != value || _numbers.Of(reader.Inputs[3]) is not { } axis || (axis != -1 && axis != rank - 1)
            || (reader.Inputs.Count == 5 && _numbers.Of(reader.Inputs[4]) != 1) || _numbers.Of(reader.Inputs[1]) is not { } start || _numbers.Of(reader.Inputs[2]) is not { } end)
            return null;
        var (first, last) = (Clamp(start), Clamp(end));
        return last > first ? new(reader, first, last - first) : null;

        long Clamp(long at) => Math.Clamp(at < 0 ? at + width : at, 0, width);
    }

    private IEnumerable<OnnxNode> Readers(string value) => _graph.Readers(value).Select(reader => _model.Nodes[reader]);

    /// <summary>An initializer, and the node that widens it.</summary>
    private sealed record Weight(OnnxTensor Tensor, OnnxNode? Cast);

    private Weight? WeightOf(string value) =>
        _weights.TryGetValue(value, out var tensor) ? new(tensor, null)
        : _graph.Maker(value) is >= 0 and var maker && _model.Nodes[maker] is { Operator: "Cast" } cast && _weights.TryGetValue(cast.Inputs[0], out var stored) ? new(stored, cast)
        : null;
}
