using System.Collections.Immutable;
using Inference.Batching;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// Runs a denoiser graph, and forms derived from it, for the step batcher (<see cref="DenoiserInterface"/> says which graphs). Rows with different
/// timesteps are evaluated one timestep after the other where the graph's timestep is a scalar.
/// </summary>
public sealed class DenoiserEvaluator : IRenewableEvaluator
{
    // Buffers of the forms that exchange features are large: those of many batch sizes do not fit beside each other.
    private const long MaxBoundBytes = 512L << 20;

    private readonly DenoiserInterface _interface;
    private readonly DenoiserOptions _options;
    private readonly NetworkVariants _variants;
    private readonly BoundRunCache<(BatchKey Key, int Rows)> _bindings = new(capacity: 64, MaxBoundBytes);
    private readonly bool _canReopen;
    private NetworkRow[] _equal = [];

    /// <param name="graph">The graph; disposed with the evaluator.</param>
    /// <param name="options">What the graph does not say.</param>
    /// <param name="reopen">Opens the same graph again, so that the evaluator can be renewed; null leaves it its session.</param>
    /// <exception cref="GraphException">The graph's latent or timestep input is missing or of an unknown form.</exception>
    public DenoiserEvaluator(GraphSession graph, DenoiserOptions options, Func<GraphSession>? reopen = null)
    {
        (_options, _interface, _canReopen) = (options, new(graph), reopen is not null);
        _variants = new(graph, _interface, options, reopen, TimeProvider.System);
    }

    /// <summary>The graph it runs.</summary>
    public GraphSession Graph => _variants.Graph;

    /// <summary>What the graph does not say.</summary>
    public DenoiserOptions Options => _options;

    /// <summary>Measured memory of an evaluation of the full network, by latent positions: height times width.</summary>
    public MemoryCurve Memory => Graph.Usage.Curve;

    /// <summary>Bytes that the full network's arena has taken to compute in, and keeps.</summary>
    public long Held => _variants.Held;

    /// <summary>Bytes that the arenas of the derived forms keep.</summary>
    public long HeldByForms => _variants.HeldByForms;

    /// <summary>Whether one call evaluates rows of different timesteps; if not, such rows cost a call a timestep.</summary>
    public bool MixesTimesteps => _interface.MixesTimesteps;

    /// <summary>What the network is made of.</summary>
    /// <exception cref="AnalysisException">It cannot be analysed.</exception>
    public NetworkStructure Structure => _variants.Structure;

    /// <summary>The skip connections of a U-Net.</summary>
    /// <exception cref="AnalysisException">The graph was not opened from a file of its own.</exception>
    public UNetStructure UNet => _variants.UNet;

    /// <summary>The derived forms opened so far.</summary>
    public ImmutableArray<VariantReport> Variants => _variants.Reports;

    /// <inheritdoc/>
    public int PaddingRows { get; private set; }

    /// <summary>Checks that a scope of the network can be cached, as far as that is known before anything is derived.</summary>
    /// <exception cref="AnalysisException">It cannot; the message says why.</exception>
    public void Check(FeatureScope scope) => _variants.Check(scope);

    /// <summary>Whether a scope of the network can be cached, as far as that is known before anything is derived.</summary>
    public bool Allows(FeatureScope scope) => _variants.WhyNot(scope) is null;

    /// <summary>Makes the forms that cache a scope ready for rows of a shape; rows of those forms may be evaluated from then on. Blocks while graphs are
    /// derived, opened and compared with the full network, which happens once a shape. Safe for any thread.</summary>
    /// <returns>Sizes of one row's features.</returns>
    /// <exception cref="AnalysisException">The network cannot be analysed.</exception>
    /// <exception cref="VariantException">A form cannot be derived or opened, or is not the same as the full network.</exception>
    public FeatureSizes Prepare(FeatureScope scope, LatentShape shape, Conditioning conditioning) => _variants.Prepare(scope, shape, conditioning);

    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        PaddingRows = 0;
        try
        {
            if (MixesTimesteps || AreEqual(rows))
                EvaluateTogether(key, rows);
            else
                EvaluateByTimestep(key, rows);
        }
        catch (GraphException exception)
        {
            throw ProviderFailure.Is(exception) ? new ProviderFailedException(exception.Message, exception, ProviderFailure.FaultOf(exception.Message)) : new EvaluationException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Renew()
    {
        _bindings.Clear();
        // Before a fresh session is opened: a device may not hold both.
        if (_canReopen)
            _variants.GiveUp();
    }

    public void Dispose()
    {
        _bindings.Dispose();
        _variants.Dispose();
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
        var (form, exchange) = _variants.Get(key.Variant, key.Shape, key.ConditioningShape);
        var run = _bindings.Find((key, size)) ?? _bindings.Add((key, size), form.Bind(rows[0], size, exchange, isKept: true));
        try
        {
            for (var i = 0; i < size; i++)
                form.Fill(run, i, rows[Math.Min(i, rows.Length - 1)]);
            form.FillFeatures(run, rows, size, exchange);
            // Sessions come and go, what the full network needs stays; derived forms keep their numbers to themselves.
            form.Graph.Usage.Run(run, size, (long)key.Shape.Height * key.Shape.Width, key.Variant == BatchKey.Full ? Memory : null);
        }
        catch
        {
            // What was to be written may not have been.
            run.Forget();
            throw;
        }
        PaddingRows += size - rows.Length;
        for (var i = 0; i < rows.Length; i++)
            form.Read(run, i, rows[i]);
        form.ReadFeatures(run, rows, exchange);
    }
}
