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
    private readonly GraphTensor _latent;
    private readonly GraphTensor _timestep;
    private readonly GraphTensor _output;
    private readonly BoundRunCache<(BatchKey Key, int Rows)> _bindings = new(capacity: 64);

    /// <exception cref="GraphException">The graph has no latent or timestep input.</exception>
    public DenoiserEvaluator(GraphSession graph)
    {
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
            var run = _bindings.Find((key, rows.Length)) ?? _bindings.Add((key, rows.Length), Bind(key, rows));
            Fill(run, rows);
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

    private void Fill(BoundRun run, ReadOnlySpan<NetworkRow> rows)
    {
        var latents = run.Floats(_latent.Name);
        for (var i = 0; i < rows.Length; i++)
        {
            var (input, timestep, conditioning, _) = rows[i];
            input.Values.CopyTo(latents.Slice(i * input.Shape.Length));
            if (_timestep.Type == ElementType.Int64)
                run.Longs(_timestep.Name)[i] = (long)Math.Round(timestep);
            else
                run.Floats(_timestep.Name)[i] = (float)timestep;
            foreach (var tensor in conditioning.Tensors)
                if (tensor.Floats is { } floats)
                    floats.CopyTo(run.Floats(tensor.Name).Slice(i * floats.Length));
                else
                    tensor.Longs.CopyTo(run.Longs(tensor.Name).Slice(i * tensor.Longs!.Length));
        }
    }

    private BoundRun Bind(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        long[] latents = [rows.Length, key.Shape.Channels, key.Shape.Height, key.Shape.Width];
        var inputs = new Dictionary<string, long[]> { [_latent.Name] = latents, [_timestep.Name] = [rows.Length] };
        foreach (var tensor in rows[0].Conditioning.Tensors)
            inputs[tensor.Name] = [rows.Length, .. tensor.Shape.Select(dimension => (long)dimension)];
        return _graph.Bind(inputs, new Dictionary<string, long[]> { [_output.Name] = latents });
    }
}
