using System.Collections.Immutable;
using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// One loaded model: conditioner, denoiser behind its step batcher, autoencoder. A generation is an ordinary async method; requests meet only in
/// the step batcher. Safe for any number of requests at once.
/// </summary>
public sealed class DiffusionPipeline : IDisposable
{
    private readonly PipelineHost _host;
    private readonly BatchNetwork _network;
    private readonly BatchNetwork? _consistency;
    private readonly PreviewRenderer _previews;
    private readonly ModelMemory _memory;
    private readonly RequestPreparation _preparation;
    private readonly RequestForecast _forecast;
    private readonly PictureRun _run;
    private readonly PipelineWarmUp _warmUp;

    internal DiffusionPipeline(string name, string className, string fingerprint, PipelineHost host, PipelineParts parts, long weights)
    {
        (Name, ClassName, Fingerprint, _host) = (name, className, fingerprint, host);
        _memory = new(parts, weights, host.Memory);
        Parts = parts with { Memory = _memory };
        parts.Decoder.Room = _memory.Decodes;
        host.Memory.Add(_memory);
        _network = Attach(parts.Denoiser);
        // It computes what the network does, on the same rows.
        _consistency = parts.Consistency is { } consistency ? Attach(consistency) : null;
        _previews = new(parts.Decoder, parts.LatentOf(parts.Sizes.Default));
        _run = new(Parts, _network, _consistency, _previews, host.Features);
        _preparation = new(name, Parts, host.Components);
        _forecast = new(Parts, _network, _preparation);
        _warmUp = new(name, fingerprint, Parts, _network, _run, _preparation, _memory, host);
    }

    /// <summary>Name in requests.</summary>
    public string Name { get; }

    /// <summary>Pipeline class of model_index.json.</summary>
    public string ClassName { get; }

    /// <summary>Sizes it generates.</summary>
    public SizeRule Sizes => Parts.Sizes;

    public int DefaultSteps => Parts.DefaultSteps;

    public double DefaultGuidanceScale => Parts.DefaultGuidanceScale;

    /// <summary>Classes of a class-conditional model; 0 for models of prompts.</summary>
    public int Classes => Parts.Prompts.Classes;

    /// <summary>Whether it can start from a picture.</summary>
    public bool TakesPictures => Parts.Encoder is not null;

    /// <summary>What is worth knowing about how the model runs here; one sentence each.</summary>
    public ImmutableArray<string> Notes => PipelineNotes.Of(Parts);

    /// <summary>What calibration measured; null where it was not calibrated, or the calibration is one of other files.</summary>
    public CacheCalibration? Calibration => Parts.Calibration.Value;

    /// <summary>Samplers that make sense for the model.</summary>
    public IEnumerable<SamplerDescriptor> Samplers => Parts.Planner.Samplers;

    /// <summary>What the network is made of.</summary>
    /// <exception cref="AnalysisException">It cannot be analysed; the message says why.</exception>
    public NetworkStructure Structure => Parts.Denoiser.Structure;

    /// <summary>The skip connections of a U-Net; none in other networks.</summary>
    public UNetStructure UNet => Parts.Denoiser.UNet;

    /// <summary>Whether the network is a transformer whose blocks were found.</summary>
    internal bool HasBlocks => Parts.Denoiser.Allows(FeatureScope.Forecast());

    /// <summary>Forms of the network that cache features, as far as they were needed.</summary>
    public ImmutableArray<VariantReport> Forms => Parts.Denoiser.Variants;

    /// <summary>Largest difference of an evaluation from the same network loaded otherwise, on random rows, relative to its largest value. Blocks; nothing else
    /// should use them meanwhile.</summary>
    /// <exception cref="GraphException">One of the graphs does not run on rows made up from its signature.</exception>
    public double DifferenceFrom(DiffusionPipeline reference) => GraphAgreement.Difference(reference.Parts.Denoiser.Graph, Parts.Denoiser.Graph);

    /// <summary>What is known of its memory.</summary>
    public MemoryReport Memory
    {
        get
        {
            var (available, work) = (_memory.Available(), new PictureWork(Parts.IsGuided(DefaultGuidanceScale) ? 2 : 1));
            return new(
                available, available is { } bytes ? _memory.Largest(bytes, work, long.MaxValue) : null,
                _memory.RowBytes(Parts.LatentOf(Sizes.Default)), _memory.NetworkPeak, _memory.DecoderPeak);
        }
    }

    /// <summary>Denoising loops running now.</summary>
    public int OpenLanes => _network.OpenLanes;

    internal PipelineParts Parts { get; }

    /// <summary>Identifies the model's files; empty when it was not loaded from a folder.</summary>
    public string Fingerprint { get; }

    /// <summary>Loads a model folder.</summary>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">A graph cannot be loaded.</exception>
    /// <exception cref="TokenizerException">A tokenizer cannot be loaded.</exception>
    public static DiffusionPipeline Load(string folder, PipelineHost host)
    {
        var model = new ModelFolder(folder);
        var family = PipelineFamilies.Of(model);
        using var loading = new LoadingParts();
        var parts = family.Load(model, host, loading);
        parts = parts with { Consistency = ConsistencyModel.LoadOptional(model, host, parts.Denoiser, loading) };
        loading.Complete();
        var fingerprint = ModelFingerprint.Of(folder);
        return new(model.Name, family.ClassName, fingerprint, host, parts with { Calibration = CalibrationFile.Load(folder, host.CalibrationDirectory, fingerprint) }, ModelEntry.Measure(folder).Bytes);
    }

    /// <summary>Checks a request without running it.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    public GenerationSettings Check(GenerationRequest request, GenerationLimits limits) => RequestValidator.Validate(request, Name, Parts, limits).Settings;

    /// <summary>Generates the pictures of a request; they are denoised side by side.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="GenerationFailedException">A result is not finite or of one colour.</exception>
    /// <exception cref="EvaluationException">The device failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the work stopped within one step.</exception>
    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, GenerationLimits limits, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var validated = RequestValidator.Validate(request, Name, Parts, limits);
        if (await _warmUp.LearnAboutAsync(validated.Shape, cancellationToken))
            validated = RequestValidator.Validate(request, Name, Parts, limits);
        var started = _host.Time.GetTimestamp();
        var prepared = await _preparation.PrepareAsync(validated, cancellationToken);
        var textTime = _host.Time.GetElapsedTime(started);
        var images = await new RequestRun(Parts, _run, _host.Time).RunAsync(validated, prepared, observer, cancellationToken);
        return new(images, validated.Settings, textTime, PromptWarnings.Of(request, Parts.Prompts, prepared.Conditions[0]));
    }

    /// <summary>The pictures of a request with what lies between, by the same calls as a generation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scheduler">Scheduler instead of the model's own, or null.</param>
    internal async Task<GenerationTrace> TraceAsync(GenerationRequest request, SchedulerConfig? scheduler = null)
    {
        var validated = RequestValidator.Validate(request, Name, scheduler is null ? Parts : Parts with { Scheduler = scheduler }, new());
        var prepared = await _preparation.PrepareAsync(validated, default);
        var pictures = await Task.WhenAll(Enumerable.Range(0, request.Count).Select(async index =>
        {
            var denoised = await _run.DenoiseAsync(validated, index, prepared, null, default);
            using var latent = denoised.Latent;
            return (Latent: latent.Values.ToArray(), Planes: await Parts.Decoder.DecodeAsync(latent, default), denoised.Cache, denoised.Parallel);
        }));
        return new(
            [.. validated.Plan.Trajectory.Steps.Select(step => step.From.Timestep)], validated.Shape,
            [.. pictures.Select(picture => picture.Latent)], [.. pictures.Select(picture => picture.Planes)], prepared.Conditions[0].Tokens)
        {
            Caches = [.. pictures.Select(picture => picture.Cache)],
            Parallels = [.. pictures.Select(picture => picture.Parallel)],
        };
    }

    /// <summary>Predicts what a valid request takes, from the costs measured at warm-up and from the sizes of what it caches.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ValueTask<PredictedCost> PredictAsync(GenerationRequest request, GenerationLimits limits, CancellationToken cancellationToken) =>
        _forecast.PredictAsync(RequestValidator.Validate(request, Name, Parts, limits), _warmUp.DecodePerValue, cancellationToken);

    /// <summary>Makes the network ready to cache features of a scope at the default size.</summary>
    /// <exception cref="AnalysisException">The network cannot be analysed.</exception>
    /// <exception cref="VariantException">A form of it cannot be derived, or is not the same as the full network.</exception>
    public async Task PrepareFeaturesAsync(FeatureScope scope, CancellationToken cancellationToken)
    {
        var conditions = await Parts.Conditioner.EncodeAsync(new("", null, 0, 1, Sizes.Default), cancellationToken);
        await _host.Components.RunAsync(() => Parts.Denoiser.Prepare(scope, Parts.LatentOf(Sizes.Default), conditions.Conditional), cancellationToken);
    }

    /// <summary>Measures what cache policies need to know of the model, and chooses its presets; minutes on a CPU.</summary>
    /// <param name="options">With what.</param>
    /// <param name="cancellationToken">Ends it between evaluations.</param>
    /// <exception cref="InvalidRequestException">A request cannot be served.</exception>
    public Task<CacheCalibration> CalibrateAsync(CalibrationOptions options, CancellationToken cancellationToken) =>
        new CacheCalibrator(this, _host.Sessions.Providers.Names is ["cpu"] ? () => Environment.CpuUsage.TotalTime : () => _host.Time.GetElapsedTime(0))
            .RunAsync(options, cancellationToken);

    /// <summary>Runs a request without a cache and records what its network computes at every step: of a U-Net the outputs alone.</summary>
    internal async Task RecordAsync(GenerationRequest request, FeatureRecord record, CancellationToken cancellationToken)
    {
        var validated = RequestValidator.Validate(request with { Cache = null, CachePreset = null, Parallel = null }, Name, Parts, new());
        var prepared = await _preparation.PrepareAsync(validated, cancellationToken);
        var forms = ImmutableArray<NetworkVariant>.Empty;
        if (HasBlocks)
        {
            forms = RecordingNetwork.TransformerForms;
            foreach (var scope in RecordingNetwork.TransformerScopes)
                await _host.Components.RunAsync(() => Parts.Denoiser.Prepare(scope, validated.Shape, prepared.Conditions[0].Conditional), cancellationToken);
        }
        var run = new PictureRun(Parts, _network, null, _previews, _host.Features) { Through = lane => new RecordingNetwork(lane, forms, record) };
        (await run.DenoiseAsync(validated, 0, prepared, null, cancellationToken)).Latent.Dispose();
    }

    /// <summary>Runs the whole path at a single step, so that the first request finds everything loaded, and learns what evaluations cost unless an
    /// earlier process on this machine did.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public Task WarmUpAsync(CancellationToken cancellationToken) => _warmUp.RunAsync(_previews, cancellationToken);

    /// <summary>Evaluates the network at a single step, to see whether it works.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken) => _warmUp.ProbeAsync(cancellationToken);

    public void Dispose()
    {
        _network.Dispose();
        _consistency?.Dispose();
        _host.Memory.Remove(_memory);
        // Real batches have refined what warm-up measured.
        _host.Costs.Save(Name, Fingerprint, _network.Curves);
        Parts.Dispose();
    }

    private BatchNetwork Attach(DenoiserEvaluator network) => _host.Device.Attach(Name, _host.Guard?.Guard(Name, network) ?? network, _memory);
}
