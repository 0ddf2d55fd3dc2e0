using System.Collections.Frozen;
using Inference.Batching;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// Runs a denoiser graph for the step batcher: latent input <c>sample</c> or <c>hidden_states</c>, <c>timestep</c>, conditioning by name. Ranks are
/// read from the graph: a latent input of rank 3 is packed, a conditioning input without a batch dimension is shared by the rows, and rows with
/// different timesteps are evaluated one timestep after the other where the graph's timestep is a scalar.
/// </summary>
public sealed class DenoiserEvaluator : IRenewableEvaluator
{
    private readonly Func<GraphSession>? _reopen;
    private readonly DenoiserOptions _options;
    private readonly ILatentLayout _layout;
    private readonly GraphTensor _latent;
    private readonly GraphTensor _timestep;
    private readonly GraphTensor _output;
    private readonly BoundRunCache<(BatchKey Key, int Rows)> _bindings = new(capacity: 64);
    private readonly FrozenDictionary<string, int> _ranks;
    private NetworkRow[] _equal = [];
    private GraphSession _graph;
    private bool _isGivenUp;

    /// <param name="graph">The graph; disposed with the evaluator.</param>
    /// <param name="options">What the graph does not say.</param>
    /// <param name="reopen">Opens the same graph again, so that the evaluator can be renewed; null leaves it its session.</param>
    /// <exception cref="GraphException">The graph's latent or timestep input is missing or of an unknown form.</exception>
    public DenoiserEvaluator(GraphSession graph, DenoiserOptions options, Func<GraphSession>? reopen = null)
    {
        (_graph, _options, _reopen) = (graph, options, reopen);
        _ranks = graph.Inputs.ToFrozenDictionary(tensor => tensor.Name, tensor => tensor.Dimensions.Length);
        _latent = graph.Input("sample", "hidden_states");
        _timestep = graph.Input("timestep");
        _output = graph.Output("out_sample", "out_hidden_states", "sample");
        _layout = _latent.Dimensions.Length switch
        {
            4 => new PlanarLayout(),
            3 => new PackedLayout(),
            _ => throw new GraphException(graph.Path, $"its input {_latent} should have three dimensions (packed) or four (planes)."),
        };
        if (_timestep.Dimensions.Length > 1)
            throw new GraphException(graph.Path, $"its input {_timestep} should be a scalar or have one dimension, the batch.");
    }

    /// <summary>The graph it runs.</summary>
    public GraphSession Graph => _graph;

    /// <summary>Whether one call evaluates rows of different timesteps; if not, such rows cost a call a timestep.</summary>
    public bool MixesTimesteps => _timestep.Dimensions.Length == 1;

    /// <inheritdoc/>
    public int PaddingRows { get; private set; }

    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        PaddingRows = 0;
        try
        {
            if (_isGivenUp)
                Reopen();
            if (MixesTimesteps || AreEqual(rows))
                EvaluateTogether(key, rows);
            else
                EvaluateByTimestep(key, rows);
        }
        catch (GraphException exception)
        {
            throw ProviderFailure.Is(exception) ? new ProviderFailedException(exception.Message, exception) : new EvaluationException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Renew()
    {
        _bindings.Clear();
        if (_reopen is null)
            return;
        // Before the fresh session is opened: a device may not hold both.
        if (!_isGivenUp)
            _graph.Dispose();
        _isGivenUp = true;
    }

    public void Dispose()
    {
        _bindings.Dispose();
        if (!_isGivenUp)
            _graph.Dispose();
    }

    private void Reopen()
    {
        _graph = _reopen!();
        _isGivenUp = false;
    }

    private static bool AreEqual(ReadOnlySpan<NetworkRow> rows)
    {
        foreach (var row in rows)
            if (row.Timestep != rows[0].Timestep)
                return false;
        return true;
    }

    private void EvaluateByTimestep(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        if (_equal.Length < rows.Length)
            _equal = new NetworkRow[rows.Length];
        for (var first = 0; first < rows.Length; first++)
        {
            var (timestep, count, isFirst) = (rows[first].Timestep, 0, true);
            for (var i = 0; i < rows.Length; i++)
                if (rows[i].Timestep == timestep)
                {
                    isFirst &= i >= first;
                    _equal[count++] = rows[i];
                }
            if (isFirst)
                EvaluateTogether(key, _equal.AsSpan(0, count));
        }
        Array.Clear(_equal);
    }

    private void EvaluateTogether(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        var size = _options.Buckets.Of(rows.Length);
        var run = _bindings.Find((key, size)) ?? _bindings.Add((key, size), Bind(key, rows[0], size));
        for (var i = 0; i < size; i++)
            Fill(run, i, rows[Math.Min(i, rows.Length - 1)]);
        run.Run();
        PaddingRows += size - rows.Length;
        for (var i = 0; i < rows.Length; i++)
            _layout.Read(run, _output.Name, i, _options.OutputChannels, rows[i].Output);
    }

    private void Fill(BoundRun run, int index, in NetworkRow row)
    {
        var (input, timestep, conditioning, _) = row;
        _layout.Write(run, _latent.Name, index, input);
        if (index == 0 || MixesTimesteps)
            run.Write(_timestep.Name, index, [(float)(timestep * _options.TimestepScale)]);
        foreach (var tensor in conditioning.Tensors)
            if (index > 0 && !IsPerRow(tensor))
                continue;
            else if (tensor.Floats is { } floats)
                run.Write(tensor.Name, index * floats.Length, floats);
            else
                run.Write(tensor.Name, index * tensor.Longs!.Length, tensor.Longs);
    }

    private bool IsPerRow(ConditioningTensor tensor) => _ranks[tensor.Name] > tensor.Shape.Length;

    private BoundRun Bind(in BatchKey key, in NetworkRow row, int size)
    {
        var inputs = new Dictionary<string, long[]>
        {
            [_latent.Name] = [size, .. _layout.Row(key.Shape, key.Shape.Channels)],
            [_timestep.Name] = MixesTimesteps ? [size] : [],
        };
        foreach (var tensor in row.Conditioning.Tensors)
        {
            long[] shape = [.. tensor.Shape.Select(dimension => (long)dimension)];
            inputs[tensor.Name] = IsPerRow(tensor) ? [size, .. shape] : shape;
        }
        long[] output = [size, .. _layout.Row(key.Shape, _options.OutputChannels)];
        return _graph.Bind(inputs, new Dictionary<string, long[]> { [_output.Name] = output });
    }
}
