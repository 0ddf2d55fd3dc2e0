using System.Collections.Concurrent;
using System.Collections.Immutable;
using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

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
    // Of free blocks on a device, for the next request.
    private const long KeptBytes = 256L << 20;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NetworkVariant, DenoiserForm> _forms = [];
    private readonly ConcurrentDictionary<(NetworkVariant Variant, LatentShape Shape, string Conditioning), FeatureExchange> _exchanges = [];
    private readonly Dictionary<NetworkVariant, VariantReport> _reports = [];
    private readonly ConcurrentDictionary<ElementType, DeviceFeatureMemory> _memories = [];
    // Keeps the reason too, where there is no structure.
    private readonly Lazy<NetworkStructure> _structure = new(() => graph.Derivation is { } derivation
        ? StructureAnalysis.Run(derivation.Model)
        : throw new AnalysisException(graph.Path, "it was not opened from a file of its own"));
    private readonly Lazy<UNetStructure> _unet = new(() => graph.Derivation is { } derivation
        ? UNetStructure.Of(derivation.Model)
        : throw new AnalysisException(graph.Path, "it was not opened from a file of its own"));
    private volatile DenoiserForm? _full = new(NetworkVariant.Full, graph, denoiser, options);

    /// <summary>The graph of the full network, as it was opened first.</summary>
    public GraphSession Graph => graph;

    /// <summary>Bytes that the full network's arena keeps; 0 while it is given up.</summary>
    public long Held => _full?.Graph.Usage.Held ?? 0;

    /// <summary>Bytes that the arenas of the derived forms keep.</summary>
    public long HeldByForms => _forms.Values.Sum(form => form.Graph.Usage.Held);

    /// <summary>The forms opened so far.</summary>
    public ImmutableArray<VariantReport> Reports
    {
        get
        {
            lock (_gate)
                return [.. _reports.OrderBy(report => report.Key.Form).ThenBy(report => report.Key.Cut.First).ThenBy(report => report.Key.Cut.Last).Select(report => report.Value)];
        }
    }

    /// <summary>What the network is made of.</summary>
    /// <exception cref="AnalysisException">It cannot be analysed.</exception>
    public NetworkStructure Structure => _structure.Value;

    /// <summary>The skip connections of a U-Net.</summary>
    /// <exception cref="AnalysisException">The graph was not opened from a file of its own.</exception>
    public UNetStructure UNet => _unet.Value;

    /// <summary>Checks that a scope of the network can be cached, as far as that is known before anything is derived.</summary>
    /// <exception cref="AnalysisException">It cannot; the message says why.</exception>
    public void Check(FeatureScope scope)
    {
        if (WhyNot(scope) is { } reason)
            throw new AnalysisException(graph.Path, reason);
    }

    /// <summary>Why a scope of the network cannot be cached, as the end of a sentence; null where nothing is known against it.</summary>
    public string? WhyNot(FeatureScope scope)
    {
        try
        {
            return scope.Kind switch
            {
                _ when scope.IsOutside => null,
                FeatureKind.Deep when UNet.Connections.IsEmpty => "it has no skip connections, as a U-Net has",
                FeatureKind.Deep => scope.Cut.First > UNet.Connections.Length ? $"it has {UNet.Connections.Length} skip connections, from 0 to {UNet.Connections.Length - 1}, and no {scope.Cut.First - 1}" : null,
                FeatureKind.Probe or FeatureKind.Forecast => Structure.WhyNotCut(scope.Cut.First, scope.Cut.Last),
                FeatureKind.Verified => Structure.Blocks > 1 ? null : "it has one block only",
                _ => Structure.Blocks > 0 ? null : "it has no blocks",
            };
        }
        catch (AnalysisException exception)
        {
            return exception.Reason;
        }
    }

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
        if (scope.IsOutside)
            return FeatureSizes.OfOutput(shape);
        Check(scope);
        lock (_gate)
        {
            var variants = VariantScope.VariantsOf(scope);
            // Forms may be shared with another scope.
            if (variants.All(variant => _exchanges.ContainsKey((variant, shape, conditioning.ShapeKey))))
                return SizesOf(scope, variants, [.. variants.Select(variant => _exchanges[(variant, shape, conditioning.ShapeKey)])]);
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

    public void Dispose()
    {
        GiveUp();
        foreach (var memory in _memories.Values)
            memory.Dispose();
    }

    private DenoiserForm Full()
    {
        lock (_gate)
            return _full ??= new(NetworkVariant.Full, reopen!(), denoiser, options);
    }

    private FeatureSizes Prepare(FeatureScope scope, ImmutableArray<NetworkVariant> variants, LatentShape shape, Conditioning conditioning)
    {
        using var check = new VariantCheck(Full(), denoiser.Latent.Type, Full().Graph.Derivation!.Precision, shape, conditioning, options.LargestTimestep);
        var verified = scope.Kind == FeatureKind.Verified ? Graphs().LastModules : 0;
        var exchanges = new List<FeatureExchange>();
        foreach (var variant in variants)
        {
            var first = exchanges.Count == 0 ? [] : exchanges[0].Given;
            var taken = VariantScope.TakenOf(variant, first, verified);
            var form = Open(variant, taken);
            var given = VariantScope.GivenOf(variant, first, verified) ?? [.. check.Measure(form, form.Graph.Outputs.Count(output => output.Name != denoiser.Output.Name))];
            var exchange = new FeatureExchange(taken, given);
            var error = check.Compare(form, exchange);
            if (error > check.Tolerance)
                throw new VariantException(scope, $"the form {variant} differs from the full network by {error:E1} of its largest value, more than {check.Tolerance:E0}.");
            _reports[variant] = _reports[variant] with { Error = error is { } found ? Math.Max(found, _reports[variant].Error ?? 0) : null };
            exchanges.Add(exchange);
        }
        for (var i = 0; i < variants.Length; i++)
            _exchanges[(variants[i], shape, conditioning.ShapeKey)] = exchanges[i];
        return SizesOf(scope, variants, exchanges);
    }

    private FeatureSizes SizesOf(FeatureScope scope, ImmutableArray<NetworkVariant> variants, IReadOnlyList<FeatureExchange> exchanges)
    {
        var sizes = VariantScope.SizesOf(scope, exchanges);
        if (Full().Graph.Memory is not { } memory || !VariantScope.StaysOnDevice(scope))
            return sizes;
        var types = exchanges.SelectMany(exchange => exchange.Taken.Concat(exchange.Given)).Select(tensor => tensor.Type).Distinct().ToArray();
        // What a graph wants in the host's memory goes through it.
        var isThere = variants.Select((variant, i) => Open(variant, exchanges[i].Taken).Graph).All(form => form.Inputs.Concat(form.Outputs)
            .All(tensor => !FeatureExchange.IsName(tensor.Name) || form.MemoryOf(tensor.Name) is not null));
        return types is [var type] && isThere ? sizes with { Device = _memories.GetOrAdd(type, _ => new(memory, type == ElementType.Float16 ? TensorElementType.Float16 : TensorElementType.Float, KeptBytes)) } : sizes;
    }

    private VariantGraphs Graphs() => new(Full().Graph.Derivation!.Model, Structure);

    private DenoiserForm Open(NetworkVariant variant, ImmutableArray<FeatureTensor> taken)
    {
        if (_forms.TryGetValue(variant, out var known))
            return known;
        var (started, memory) = (time.GetTimestamp(), Environment.WorkingSet);
        var derivation = Full().Graph.Derivation!;
        var derived = variant.Form is NetworkForm.TappedDeep or NetworkForm.CachedDeep ? UNetGraphs.Of(derivation.Model, UNet, variant, taken) : Graphs().Of(variant, taken);
        var session = derivation.Open(derived);
        var form = new DenoiserForm(variant, session, denoiser, options, session.Memory is { } device ? new(variant, session.Path, device, derivation.OpenAlone) : null);
        _reports[variant] = new(variant, derived.Nodes.Count, derived.ToBytes().Length, time.GetElapsedTime(started), Math.Max(0, Environment.WorkingSet - memory), _reports.GetValueOrDefault(variant)?.Error);
        return _forms[variant] = form;
    }
}
