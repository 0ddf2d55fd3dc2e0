using System.Collections.Concurrent;
using System.Collections.Immutable;
using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// The derived forms of one network: analysed, derived and opened when a scope is first wanted, and compared with the full network for every shape of
/// rows before its first use. Safe for any thread.
/// </summary>
/// <param name="graph">The full network; disposed with the forms.</param>
/// <param name="denoiser">Its names and layout.</param>
/// <param name="options">What the graph does not say.</param>
/// <param name="reopen">Opens the full network again after <see cref="GiveUp"/>; null where it is never given up.</param>
/// <param name="time">Clock of the reports.</param>
internal sealed class NetworkVariants(GraphSession graph, DenoiserInterface denoiser, DenoiserOptions options, Func<GraphSession>? reopen, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NetworkVariant, DenoiserForm> _forms = [];
    private readonly ConcurrentDictionary<(NetworkVariant Variant, LatentShape Shape, string Conditioning), FeatureExchange> _exchanges = [];
    private readonly Dictionary<NetworkVariant, VariantReport> _reports = [];
    // Keeps the reason too, where there is no structure.
    private readonly Lazy<NetworkStructure> _structure = new(() => graph.Derivation is { } derivation
        ? StructureAnalysis.Run(derivation.Model)
        : throw new AnalysisException(graph.Path, "it was not opened from a file of its own"));
    private volatile DenoiserForm? _full = new(NetworkVariant.Full, graph, denoiser, options);

    /// <summary>The graph of the full network, as it was opened first.</summary>
    public GraphSession Graph => graph;

    /// <summary>The forms opened so far.</summary>
    public ImmutableArray<VariantReport> Reports
    {
        get
        {
            lock (_gate)
                return [.. _reports.OrderBy(report => report.Key).Select(report => report.Value)];
        }
    }

    /// <summary>What the network is made of.</summary>
    /// <exception cref="AnalysisException">It cannot be analysed.</exception>
    public NetworkStructure Structure => _structure.Value;

    /// <summary>A form that was prepared, and what it exchanges. Opens it again when it was given up.</summary>
    /// <exception cref="GraphException">It cannot be opened again.</exception>
    public (DenoiserForm Form, FeatureExchange Exchange) Get(NetworkVariant variant, LatentShape shape, string conditioning)
    {
        if (variant == NetworkVariant.Full)
            return (_full ?? Full(), FeatureExchange.None);
        var exchange = _exchanges[(variant, shape, conditioning)];
        if (_forms.TryGetValue(variant, out var form))
            return (form, exchange);
        lock (_gate)
            return (Open(variant, exchange.Taken), exchange);
    }

    /// <summary>Closes every session; they are opened again when they are next wanted.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            foreach (var form in _forms.Values)
                form.Dispose();
            _forms.Clear();
            _full?.Dispose();
            _full = null;
        }
    }

    /// <summary>Makes the forms of a scope ready for rows of a shape. Blocks: derives, opens and runs graphs the first time.</summary>
    /// <exception cref="AnalysisException">The network cannot be analysed.</exception>
    /// <exception cref="VariantException">A form cannot be derived, opened, or is not the same as the full network.</exception>
    public FeatureSizes Prepare(FeatureScope scope, LatentShape shape, Conditioning conditioning)
    {
        if (scope == FeatureScope.Output)
            return FeatureSizes.OfOutput(shape);
        lock (_gate)
        {
            var variants = VariantScope.VariantsOf(scope);
            if (_exchanges.TryGetValue((variants[^1], shape, conditioning.ShapeKey), out _))
                return VariantScope.SizesOf(scope, First(variants[0], shape, conditioning));
            try
            {
                return Prepare(scope, variants, shape, conditioning);
            }
            catch (Exception exception) when (exception is GraphException or OnnxRuntimeException or PrecisionException)
            {
                throw new VariantException(scope, exception.Message, exception);
            }
        }
    }

    public void Dispose() => GiveUp();

    private DenoiserForm Full()
    {
        lock (_gate)
            return _full ??= new(NetworkVariant.Full, reopen!(), denoiser, options);
    }

    private ImmutableArray<FeatureTensor> First(NetworkVariant variant, LatentShape shape, Conditioning conditioning) => _exchanges[(variant, shape, conditioning.ShapeKey)].Given;

    private FeatureSizes Prepare(FeatureScope scope, ImmutableArray<NetworkVariant> variants, LatentShape shape, Conditioning conditioning)
    {
        using var check = new VariantCheck(Full(), denoiser.Latent.Type, Full().Graph.Derivation!.Precision, shape, conditioning, options.LargestTimestep);
        ImmutableArray<FeatureTensor> first = [];
        var exchanges = new List<FeatureExchange>();
        foreach (var variant in variants)
        {
            var form = Open(variant, VariantScope.ExchangeOf(variant, first.IsEmpty ? [.. Enumerable.Repeat(Unknown, 2)] : first).Taken);
            if (first.IsEmpty)
                first = [.. check.Measure(form, form.Graph.Outputs.Count(output => output.Name != denoiser.Output.Name))];
            var exchange = VariantScope.ExchangeOf(variant, first);
            var error = check.Compare(form, exchange);
            if (error > check.Tolerance)
                throw new VariantException(scope, $"the form {variant} differs from the full network by {error:E1} of its largest value, more than {check.Tolerance:E0}.");
            _reports[variant] = _reports[variant] with { Error = error is { } found ? Math.Max(found, _reports[variant].Error ?? 0) : null };
            exchanges.Add(exchange);
        }
        for (var i = 0; i < variants.Length; i++)
            _exchanges[(variants[i], shape, conditioning.ShapeKey)] = exchanges[i];
        return VariantScope.SizesOf(scope, first);
    }

    private static FeatureTensor Unknown { get; } = new(ElementType.Float32, []);

    private DenoiserForm Open(NetworkVariant variant, ImmutableArray<FeatureTensor> taken)
    {
        if (_forms.TryGetValue(variant, out var known))
            return known;
        var (started, memory) = (time.GetTimestamp(), Environment.WorkingSet);
        var structure = Structure;
        var derivation = Full().Graph.Derivation!;
        var derived = new VariantGraphs(derivation.Model, structure).Of(variant, taken);
        var form = new DenoiserForm(variant, derivation.Open(derived), denoiser, options);
        _reports[variant] = new(variant, derived.Nodes.Count, derived.ToBytes().Length, time.GetElapsedTime(started), Math.Max(0, Environment.WorkingSet - memory), _reports.GetValueOrDefault(variant)?.Error);
        return _forms[variant] = form;
    }
}
