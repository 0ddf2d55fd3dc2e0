using Inference.Batching;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// Runs a denoiser graph for the step batcher: latent input <c>sample</c> or <c>hidden_states</c>, one <c>timestep</c> a row, conditioning by name.
/// Bound buffers are kept for each (key, rows) that was met, the least recently used dropped first.
/// </summary>
public sealed class DenoiserEvaluator : IBatchEvaluator
{
    private readonly GraphSession _graph;
    private readonly BatchBuckets _buckets;
    private readonly GraphTensor _latent;
    private readonly GraphTensor _timestep;
    private readonly GraphTensor _output;
    private readonly BoundRunCache<(BatchKey Key, int Rows)> _bindings = new(capacity: 64);

    /// <param name="graph">The network.</param>
    /// <param name="buckets">Batch sizes its provider wants; the rows that pad a batch repeat its last one. Null: any.</param>
    /// <exception cref="GraphException">The graph has no latent or timestep input.</exception>
    public DenoiserEvaluator(GraphSession graph, BatchBuckets? buckets = null)
    {
        _buckets = buckets ?? BatchBuckets.Any;
        _graph = graph;
        _latent = graph.Input("sample", "hidden_states");
        _timestep = graph.Input("timestep");
        _output = graph.Output("out_sample", "out_hidden_states", "sample");
        if (_timestep.Dimensions.Length != 1)
            throw new GraphException(graph.Path, $"its input {_timestep} should have one dimension, the batch.");
    }

    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        try
        {
            var size = _buckets.Of(rows.Length);
            var run = _bindings.Find((key, size)) ?? _bindings.Add((key, size), Bind(key, rows[0], size));
            for (var i = 0; i < size; i++)
                Fill(run, i, rows[Math.Min(i, rows.Length - 1)]);
            run.Run();
            var length = key.Shape.Length;
            var output = run.Floats(_output.Name);
            for (var i = 0; i < rows.Length; i++)
                output.Slice(i * length, length).CopyTo(rows[i].Output.Values);
        }
        catch (GraphException exception)
        {
            throw new EvaluationException(exception.Message, exception);
        }
    }

    public void Dispose()
    {
        _bindings.Dispose();
        _graph.Dispose();
    }

    private void Fill(BoundRun run, int index, in NetworkRow row)
    {
        var (input, timestep, conditioning, _) = row;
        input.Values.CopyTo(run.Floats(_latent.Name).Slice(index * input.Shape.Length));
        if (_timestep.Type == ElementType.Int64)
            run.Longs(_timestep.Name)[index] = (long)Math.Round(timestep);
        else
            run.Floats(_timestep.Name)[index] = (float)timestep;
        foreach (var tensor in conditioning.Tensors)
            if (tensor.Floats is { } floats)
                floats.CopyTo(run.Floats(tensor.Name).Slice(index * floats.Length));
            else
                tensor.Longs.CopyTo(run.Longs(tensor.Name).Slice(index * tensor.Longs!.Length));
    }

    private BoundRun Bind(in BatchKey key, in NetworkRow row, int size)
    {
        long[] latents = [size, key.Shape.Channels, key.Shape.Height, key.Shape.Width];
        var inputs = new Dictionary<string, long[]> { [_latent.Name] = latents, [_timestep.Name] = [size] };
        foreach (var tensor in row.Conditioning.Tensors)
            inputs[tensor.Name] = [size, .. tensor.Shape.Select(dimension => (long)dimension)];
        return _graph.Bind(inputs, new Dictionary<string, long[]> { [_output.Name] = latents });
    }
}
