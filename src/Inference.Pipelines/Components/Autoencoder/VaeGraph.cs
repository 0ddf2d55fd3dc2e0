using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>One array for an autoencoder graph.</summary>
internal readonly record struct VaeInput(float[] Values, LatentShape Shape);

/// <summary>
/// An autoencoder graph with one input and one output. Where a float16 graph overflows, its float32 form is derived once, kept, and used for that
/// input again; values that are not finite then are an error. Used by one thread at a time.
/// </summary>
internal sealed class VaeGraph : IDisposable
{
    private const int Bindings = 4;
    private readonly SessionFactory _sessions;
    private readonly string _input;
    private readonly string _output;
    private readonly Precision _exported;
    private Precision? _single;

    private VaeGraph(GraphSession graph, SessionFactory sessions, string input, string output)
    {
        (_sessions, _input, _output) = (sessions, input, output);
        _exported = new(graph);
    }

    /// <summary>Channels of the input, where the graph says so.</summary>
    public int? InputChannels => _exported.Graph.Input(_input).Dimensions is [_, > 0 and var channels, _, _] ? channels : null;

    /// <summary>Whether the graph fixes the sides of its input.</summary>
    public bool HasFixedSides => _exported.Graph.Input(_input).Dimensions is [_, _, > 0, > 0];

    /// <summary>Measured memory of a run as it was exported, by positions of the input: height times width.</summary>
    public MemoryCurve Memory => _exported.Graph.Usage.Curve;

    /// <summary>Bytes that its arenas have taken to compute in, and keep.</summary>
    public long Held => _exported.Graph.Usage.Held + (_single?.Graph.Usage.Held ?? 0);

    /// <summary>Times that a float16 result was not finite and float32 was used.</summary>
    public int Retries { get; private set; }

    /// <exception cref="GraphException">The graph cannot be loaded or has other inputs and outputs.</exception>
    public static VaeGraph Open(string path, SessionFactory sessions, string input, params ReadOnlySpan<string> outputs)
    {
        var graph = sessions.Open(path);
        try
        {
            return new(graph, sessions, graph.Input(input).Name, graph.Output(outputs).Name);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Runs inputs of one shape as one batch.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="result">Shape of each output.</param>
    /// <exception cref="GenerationFailedException">An output is not finite, in float32 either.</exception>
    /// <exception cref="GraphException">The runtime reports a failure.</exception>
    public float[][] Run(IReadOnlyList<VaeInput> batch, LatentShape result)
    {
        var outputs = Run(_exported, batch, result);
        for (var i = 0; i < outputs.Length; i++)
        {
            if (IsFinite(outputs[i]))
                continue;
            if (_exported.Graph.Input(_input).Type == ElementType.Float16)
            {
                Retries++;
                _single ??= new(_sessions.OpenInFloat32(_exported.Graph.Path));
                outputs[i] = Run(_single, [batch[i]], result)[0];
            }
            if (!IsFinite(outputs[i]))
                throw new GenerationFailedException("The autoencoder returned values that are not finite; no picture was made.");
        }
        return outputs;
    }

    public void Dispose()
    {
        _exported.Dispose();
        _single?.Dispose();
    }

    private static bool IsFinite(float[] values) => Array.TrueForAll(values, float.IsFinite);

    private float[][] Run(Precision precision, IReadOnlyList<VaeInput> batch, LatentShape result)
    {
        var shape = batch[0].Shape;
        var run = precision.Runs.Find((batch.Count, shape)) ?? precision.Runs.Add((batch.Count, shape), precision.Graph.Bind(
            new Dictionary<string, long[]> { [_input] = [batch.Count, shape.Channels, shape.Height, shape.Width] },
            new Dictionary<string, long[]> { [_output] = [batch.Count, result.Channels, result.Height, result.Width] }));
        for (var i = 0; i < batch.Count; i++)
            run.Write(_input, i * shape.Length, batch[i].Values);
        precision.Graph.Usage.Run(run, batch.Count, (long)shape.Height * shape.Width);
        var outputs = new float[batch.Count][];
        for (var i = 0; i < outputs.Length; i++)
            run.Read(_output, i * result.Length, outputs[i] = new float[result.Length]);
        return outputs;
    }

    private sealed record Precision(GraphSession Graph) : IDisposable
    {
        public BoundRunCache<(int Rows, LatentShape Shape)> Runs { get; } = new(Bindings);

        public void Dispose()
        {
            Runs.Dispose();
            Graph.Dispose();
        }
    }
}
