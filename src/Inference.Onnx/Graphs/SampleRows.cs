using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Random rows for a denoiser graph whose inputs are known by their signature alone: dimensions of one name have one size, those of the batch's name
/// and timesteps are the rows, and inputs without them are shared.</summary>
internal sealed class SampleRows
{
    private const string Timestep = "timestep";
    private const int Side = 16;
    private const int Tokens = 16;
    private const int Labels = 5;
    private static readonly float[] Timesteps = [999, 3, 441];
    private readonly Input[] _inputs;
    private readonly string _output;
    private readonly long[] _outputRow;
    private readonly long? _fixedPositions;

    /// <param name="graph">The graph whose signature says what rows are like.</param>
    /// <exception cref="GraphException">It has no output of a known name, or does not run on such rows.</exception>
    public SampleRows(GraphSession graph)
    {
        _output = graph.Output("out_sample", "out_hidden_states", "sample").Name;
        var latent = graph.Input("sample", "hidden_states");
        _fixedPositions = latent.Dimensions is [_, _, > 0 and var height, > 0 and var width] ? (long)height * width : null;
        var batch = graph.Session.InputMetadata[latent.Name].SymbolicDimensions[0];
        _inputs = [.. graph.Inputs.Where(input => input.Name != Timestep).Select((input, draw) => Describe(input, graph.Session.InputMetadata[input.Name], batch, draw))];
        using var run = Bind(graph, 0, 1, new Dictionary<string, long[]>());
        _outputRow = run.ShapesOf([_output])[0][1..];
    }

    /// <summary>Number of rows.</summary>
    public static int Count => Timesteps.Length;

    /// <summary>The outputs of all rows in one call, where the graph takes a vector of timesteps, otherwise each in its own.</summary>
    /// <exception cref="GraphException">The graph does not run on the rows.</exception>
    public float[] Together(GraphSession graph) => graph.Input(Timestep).Dimensions.Length == 1 ? Run(graph, 0, Count) : Apart(graph);

    /// <summary>The outputs of all rows, each in its own call.</summary>
    /// <exception cref="GraphException">The graph does not run on the rows.</exception>
    public float[] Apart(GraphSession graph) => [.. Enumerable.Range(0, Count).SelectMany(row => Run(graph, row, 1))];

    private float[] Run(GraphSession graph, int first, int rows)
    {
        using var run = Bind(graph, first, rows, new Dictionary<string, long[]> { [_output] = [rows, .. _outputRow] });
        // Where every request is of this size, smaller batches will be hidden behind these rows.
        if (_fixedPositions is { } positions)
            graph.Usage.Run(run, rows, positions);
        else
            run.Run();
        var result = new float[rows * Length(_outputRow)];
        run.Read(_output, 0, result);
        return result;
    }

    private BoundRun Bind(GraphSession graph, int first, int rows, Dictionary<string, long[]> outputs)
    {
        var shapes = _inputs.ToDictionary(input => input.Tensor.Name, input => input.Of(rows));
        shapes[Timestep] = graph.Input(Timestep).Dimensions.Length == 1 ? [rows] : [];
        var run = graph.Bind(shapes, outputs);
        foreach (var input in _inputs)
            run.Write(input.Tensor.Name, 0, input.Values.AsSpan(input.IsShared ? 0 : first * input.Length, (input.IsShared ? 1 : rows) * input.Length));
        run.Write(Timestep, 0, Timesteps.AsSpan(first, rows));
        return run;
    }

    private static Input Describe(GraphTensor tensor, NodeMetadata metadata, string batch, int draw)
    {
        var names = metadata.SymbolicDimensions;
        var isShared = names.Length == 0 || names[0] != batch;
        long[] sizes = [.. tensor.Dimensions.Select((size, i) => size > 0 ? size : names[i] is "height" or "width" ? (long)Side : Tokens)];
        var row = isShared ? sizes : sizes[1..];
        var values = new float[(isShared ? 1 : Count) * Length(row)];
        if (tensor.Type is ElementType.Int64 or ElementType.Int32)
            for (var i = 0; i < values.Length; i++)
                values[i] = i % Labels;
        else if (tensor.Name.EndsWith("mask", StringComparison.Ordinal))
            Array.Fill(values, 1);
        else
            Fill(values, draw);
        return new(tensor, isShared, row, values);
    }

    private static void Fill(float[] values, int draw)
    {
        using var noise = Latent.Rent(new(1, 1, values.Length));
        new PhiloxNoise(1).Fill(draw, noise);
        noise.Values.CopyTo(values);
    }

    private static int Length(long[] shape) => (int)shape.Aggregate(1L, (product, dimension) => product * dimension);

    private sealed record Input(GraphTensor Tensor, bool IsShared, long[] Row, float[] Values)
    {
        public int Length => SampleRows.Length(Row);

        public long[] Of(int rows) => IsShared ? Row : [rows, .. Row];
    }
}
