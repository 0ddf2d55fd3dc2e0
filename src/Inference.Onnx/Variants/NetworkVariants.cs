using System.Collections.Concurrent;
using System.Collections.Immutable;
using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// The derived forms of one network: analysed, derived and opened when a scope is first wanted, and compared with the full network for every shape of
/// rows before its first use. Safe for any thread.
/// </summary>
/// <param name="full">The full network.</param>
/// <param name="denoiser">Its names and layout.</param>
/// <param name="options">What the graph does not say.</param>
/// <param name="time">Clock of the reports.</param>
internal sealed class NetworkVariants(DenoiserForm full, DenoiserInterface denoiser, DenoiserOptions options, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NetworkVariant, DenoiserForm> _forms = [];
    private readonly ConcurrentDictionary<(NetworkVariant Variant, LatentShape Shape, string Conditioning), FeatureExchange> _exchanges = [];
    private readonly Dictionary<NetworkVariant, VariantReport> _reports = [];
    // Keeps the reason too, where there is no structure.
    private readonly Lazy<NetworkStructure> _structure = new(() => full.Graph.Derivation is { } derivation
        ? StructureAnalysis.Run(derivation.Model)
        : throw new AnalysisException(full.Graph.Path, "it was not opened from a file of its own"));

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

    /// <summary>A form that was prepared, and what it exchanges.</summary>
    public (DenoiserForm Form, FeatureExchange Exchange) Get(NetworkVariant variant, LatentShape shape, string conditioning) =>
        variant == NetworkVariant.Full ? (full, FeatureExchange.None) : (_forms[variant], _exchanges[(variant, shape, conditioning)]);

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
            catch (Exception exception) when (exception is GraphException or OnnxRuntimeException)
            {
                throw new VariantException(scope, exception.Message, exception);
            }
        }
    }

    public void Dispose()
    {
        foreach (var form in _forms.Values)
            form.Dispose();
    }

    private ImmutableArray<FeatureTensor> First(NetworkVariant variant, LatentShape shape, Conditioning conditioning) => _exchanges[(variant, shape, conditioning.ShapeKey)].Given;

    private FeatureSizes Prepare(FeatureScope scope, ImmutableArray<NetworkVariant> variants, LatentShape shape, Conditioning conditioning)
    {
        using var check = new VariantCheck(full, denoiser.Latent.Type, shape, conditioning, options.LargestTimestep);
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
        var derived = new VariantGraphs(full.Graph.Derivation!.Model, structure).Of(variant, taken);
        var form = new DenoiserForm(variant, full.Graph.Derivation.Open(derived), denoiser, options);
        _reports[variant] = new(variant, derived.Nodes.Count, derived.ToBytes().Length, time.GetElapsedTime(started), Math.Max(0, Environment.WorkingSet - memory), null);
        return _forms[variant] = form;
    }
}
