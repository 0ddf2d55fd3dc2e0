using System.Collections.Immutable;
using System.Globalization;
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
    private readonly Lazy<Task> _measured;
    private TimeSpan _decodePerValue;

    internal DiffusionPipeline(string name, string className, PipelineHost host, PipelineParts parts, long weights)
    {
        (Name, ClassName, _host, _measured) = (name, className, host, new(MeasureAsync));
        _memory = new(parts, weights, host.Memory);
        Parts = parts with { Memory = _memory };
        parts.Decoder.Room = _memory.Decodes;
        host.Memory.Add(_memory);
        _network = Attach(parts.Denoiser);
        // It computes what the network does, on the same rows.
        _consistency = parts.Consistency is { } consistency ? Attach(consistency) : null;
        _previews = new(parts.Decoder, parts.LatentOf(parts.Sizes.Default));
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
    public ImmutableArray<string> Notes
    {
        get
        {
            var (denoiser, graph) = (Parts.Denoiser, Parts.Denoiser.Graph);
            var notes = ImmutableArray.CreateBuilder<string>();
            if (!denoiser.MixesTimesteps)
                notes.Add("Its graph takes one timestep a call: requests that are at different timesteps are not evaluated in one batch.");
            if (graph is { Precision: not Precision.Float32, Difference: { } difference })
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"Its network computes in {Precisions.NameOf(graph.Precision)}: an evaluation differs from the export's by {100 * difference:F2} % of its largest value."));
            if (Parts.Calibration.Problem is { } problem)
                notes.Add($"It has no cache presets: {problem}.");
            return notes.ToImmutable();
        }
    }

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
            var (shape, rows) = (Parts.LatentOf(Sizes.Default), Parts.IsGuided(DefaultGuidanceScale) ? 2 : 1);
            var available = _memory.Available();
            var isKnown = available is not null && _memory.Needed(shape, rows, startsFromPicture: false) is not null;
            return new(available, isKnown ? _memory.Largest(available!.Value, rows, startsFromPicture: false, long.MaxValue) : null, _memory.RowBytes(shape), _memory.NetworkPeak, _memory.DecoderPeak);
        }
    }

    /// <summary>Denoising loops running now.</summary>
    public int OpenLanes => _network.OpenLanes;

    internal PipelineParts Parts { get; }

    /// <summary>Identifies the model's files; empty when it was not loaded from a folder.</summary>
    public string Fingerprint { get; private init; } = "";

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
        return new(model.Name, family.ClassName, host, parts with { Calibration = CalibrationFile.Load(folder, host.CalibrationDirectory, fingerprint) }, ModelEntry.Measure(folder).Bytes) { Fingerprint = fingerprint };
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
        if (await LearnsMemoryAsync(validated.Shape, cancellationToken))
            validated = RequestValidator.Validate(request, Name, Parts, limits);
        var started = _host.Time.GetTimestamp();
        var prepared = await PrepareAsync(validated, cancellationToken);
        var textTime = _host.Time.GetElapsedTime(started);

        // One failing picture stops the others of its request.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var images = await WhenAllOrFirstFailure(
            Enumerable.Range(0, request.Count).Select(index => GenerateOneAsync(validated, index, prepared, observer, stop.Token)), stop);
        return new(images, validated.Settings, textTime, PromptWarnings.Of(request, Parts.Prompts, prepared.Conditions[0]));
    }

    /// <summary>The pictures of a request with what lies between, by the same calls as a generation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scheduler">Scheduler instead of the model's own, or null.</param>
    internal async Task<GenerationTrace> TraceAsync(GenerationRequest request, SchedulerConfig? scheduler = null)
    {
        var validated = RequestValidator.Validate(request, Name, scheduler is null ? Parts : Parts with { Scheduler = scheduler }, new());
        var prepared = await PrepareAsync(validated, default);
        var pictures = await Task.WhenAll(Enumerable.Range(0, request.Count).Select(async index =>
        {
            var denoised = await DenoiseAsync(validated, index, prepared, null, default);
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
    public async ValueTask<PredictedCost> PredictAsync(GenerationRequest request, GenerationLimits limits, CancellationToken cancellationToken)
    {
        var validated = RequestValidator.Validate(request, Name, Parts, limits);
        // Adaptive samplers take what the data asks for; two evaluations a step is a middling guess.
        var evaluations = validated.Plan.Evaluations ?? 2 * validated.Settings.Steps;
        var rows = Parts.IsGuided(validated.Settings.GuidanceScale) ? 2 : 1;
        var cost = new PredictedCost(request.Count, rows, evaluations, _decodePerValue * validated.Shape.Length,
            _network.Curves.Of(new CostKey(BatchKey.Full, validated.Shape)), _network.MaxRows(validated.Shape));
        if (validated.Parallel is { } parallel)
            return ParallelCost.Of(cost, parallel.Plan, _network.FreeEvaluations(new CostKey(BatchKey.Full, validated.Shape), rows));
        if (validated.Cache is not { IsPlain: false } plan)
            return cost;
        // The empty prompt is always at hand, and prompts are of one length.
        var empty = validated.ConditionsOf(0) with { Prompt = "", NegativePrompt = null, GuidanceScale = 1 };
        var conditions = await Parts.Conditioner.EncodeAsync(empty, cancellationToken);
        var sizes = (await PrepareCacheAsync(validated, conditions.Conditional, cancellationToken))!;
        var skipping = _network.Curves.Of(new CostKey(plan.SkippingVariant, validated.Shape));
        var share = plan.PredictedShare(skipping.Milliseconds(rows) / cost.Curve.Milliseconds(rows));
        return cost with
        {
            Evaluations = Math.Max(1, (int)Math.Ceiling(share * evaluations)),
            FeatureBytesPerPicture = plan.Bytes(sizes, rows, Math.Max(1, validated.Plan.Sampler.EvaluationsPerStep)),
        };
    }

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
        var prepared = await PrepareAsync(validated, cancellationToken);
        var forms = ImmutableArray<NetworkVariant>.Empty;
        if (HasBlocks)
        {
            forms = RecordingNetwork.TransformerForms;
            foreach (var scope in RecordingNetwork.TransformerScopes)
                await _host.Components.RunAsync(() => Parts.Denoiser.Prepare(scope, validated.Shape, prepared.Conditions[0].Conditional), cancellationToken);
        }
        var run = new PictureRun(Parts, _network, null, _previews, _host.Features) { Through = lane => new RecordingNetwork(lane, forms, record) };
        (await run.DenoiseAsync(validated, 0, prepared.Conditions[0], prepared.Start, null, null, cancellationToken)).Latent.Dispose();
    }

    /// <summary>Runs the whole path at a single step, so that the first request finds everything loaded, and learns what evaluations cost unless an
    /// earlier process on this machine did.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        if (Sizes.Smaller() is { } smaller)
            await TryMeasureAsync(smaller, cancellationToken);
        var validated = OneStep();
        var prepared = await PrepareAsync(validated, cancellationToken);
        using var latent = (await DenoiseAsync(validated, 0, prepared, null, cancellationToken)).Latent;
        await Parts.Decoder.DecodeAsync(latent, cancellationToken);
        var started = _host.Time.GetTimestamp();
        await Parts.Decoder.DecodeAsync(latent, cancellationToken);
        _decodePerValue = _host.Time.GetElapsedTime(started) / validated.Shape.Length;
        await _previews.PrepareAsync(cancellationToken);
        await LearnMemoryAsync(validated, prepared, cancellationToken);

        if (_host.Costs.TryLoad(this, _network.Curves))
            return;
        var conditional = prepared.Conditions[0].Conditional;
        var key = new BatchKey(BatchKey.Full, validated.Shape, conditional.ShapeKey);
        await new CostCurveLearner(_network, _host.Time).LearnAsync(key, conditional, validated.Plan.Trajectory.Steps[0].From.Timestep, _host.Costs.Budget, cancellationToken);
        _host.Costs.Save(this, _network.Curves);
    }

    /// <summary>Evaluates the network at a single step, to see whether it works.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var validated = OneStep();
        (await DenoiseAsync(validated, 0, await PrepareAsync(validated, cancellationToken), null, cancellationToken)).Latent.Dispose();
    }

    public void Dispose()
    {
        _network.Dispose();
        _consistency?.Dispose();
        _host.Memory.Remove(_memory);
        // Real batches have refined what warm-up measured.
        _host.Costs.Save(this, _network.Curves);
        Parts.Dispose();
    }

    private BatchNetwork Attach(DenoiserEvaluator network) => _host.Device.Attach(Name, _host.Guard?.Guard(Name, network) ?? network, _memory);

    // What memory there is does not decide about the server's own runs: they show what is needed.
    private ValidatedRequest OneStep(ImageSize? size = null) => RequestValidator.Validate(
        Classes > 0 ? new GenerationRequest { Prompt = "", ClassLabels = [0], Steps = 1, Size = size } : new GenerationRequest { Prompt = "warm-up", Steps = 1, Size = size },
        Name, Parts with { Memory = null }, new());

    // A picture larger than the default one is not begun before it is known what it needs; a warm model knows.
    private async Task<bool> LearnsMemoryAsync(LatentShape shape, CancellationToken cancellationToken)
    {
        if (shape.Length <= Parts.LatentOf(Sizes.Default).Length || _memory.Needed(shape, 1, startsFromPicture: false) is not null)
            return false;
        await _measured.Value.WaitAsync(cancellationToken);
        return true;
    }

    private async Task MeasureAsync()
    {
        if (Sizes.Smaller() is { } smaller)
            await TryMeasureAsync(smaller, default);
        await TryMeasureAsync(Sizes.Default, default);
    }

    // What larger sizes need is told by two sizes; the smaller one must run first, since arenas only know their most.
    private async Task TryMeasureAsync(ImageSize size, CancellationToken cancellationToken)
    {
        try
        {
            var validated = OneStep(size);
            await LearnMemoryAsync(validated, await PrepareAsync(validated, cancellationToken), cancellationToken);
            using var latent = Latent.Rent(validated.Shape);
            latent.Values.Clear();
            await Parts.Decoder.DecodeAsync(latent, cancellationToken);
        }
        catch (Exception exception) when (exception is EvaluationException or GraphException or GenerationFailedException)
        {
            // Not every export runs at every size that its configuration allows, and the default one is run anyway.
        }
    }

    private Task LearnMemoryAsync(ValidatedRequest request, PreparedRequest prepared, CancellationToken cancellationToken)
    {
        var conditional = prepared.Conditions[0].Conditional;
        return new MemoryLearner(_network, Parts.Denoiser.Memory).LearnAsync(
            new(BatchKey.Full, request.Shape, conditional.ShapeKey), conditional, request.Plan.Trajectory.Steps[0].From.Timestep, cancellationToken);
    }

    // Everything that the pictures of a request share: text, and the picture they start from.
    private async Task<PreparedRequest> PrepareAsync(ValidatedRequest request, CancellationToken cancellationToken)
    {
        var conditions = new Conditions[Math.Max(1, request.Request.ClassLabels.Length)];
        for (var i = 0; i < conditions.Length; i++)
            conditions[i] = await Parts.Conditioner.EncodeAsync(request.ConditionsOf(i), cancellationToken);
        var size = request.Settings.Size;
        var start = request.Request.Image is { } image
            ? await Parts.Encoder!.EncodeAsync(ImageResize.To(image, size.Width, size.Height), cancellationToken)
            : null;
        return new(conditions, start, await PrepareCacheAsync(request, conditions[0].Conditional, cancellationToken));
    }

    private Task<DenoisedLatent> DenoiseAsync(ValidatedRequest request, int index, PreparedRequest prepared, IGenerationObserver? observer, CancellationToken cancellationToken) =>
        new PictureRun(Parts, _network, _consistency, _previews, _host.Features).DenoiseAsync(
            request, index, prepared.Conditions[Math.Min(index, prepared.Conditions.Length - 1)], prepared.Start, prepared.Features, observer, cancellationToken);

    private async Task<GeneratedImage> GenerateOneAsync(ValidatedRequest request, int index, PreparedRequest prepared, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var started = _host.Time.GetTimestamp();
        var denoised = await DenoiseAsync(request, index, prepared, observer, cancellationToken);
        observer?.OnDenoised(index);
        using var latent = denoised.Latent;
        var denoiseTime = _host.Time.GetElapsedTime(started);
        if (!latent.IsFinite())
            throw new GenerationFailedException("The denoiser returned values that are not finite; no picture was made.");

        started = _host.Time.GetTimestamp();
        var image = PixelConversion.ToRgb(await Parts.Decoder.DecodeAsync(latent, cancellationToken), request.Settings.Size);
        var seed = Parts.Noise.SeedOf(request.Request.Seed, index);
        return new(image, seed, PictureParameters.Format(request.Request, request.Settings, seed), denoised.Evaluations, denoised.Rows,
            denoised.Met, denoiseTime, _host.Time.GetElapsedTime(started))
        {
            Cache = denoised.Cache,
            Parallel = denoised.Parallel,
            Run = denoised.Run,
        };
    }

    private static async Task<IReadOnlyList<GeneratedImage>> WhenAllOrFirstFailure(IEnumerable<Task<GeneratedImage>> pictures, CancellationTokenSource stop)
    {
        var tasks = pictures.ToArray();
        Task? failed = null;
        await foreach (var finished in Task.WhenEach(tasks))
        {
            if (finished.IsCompletedSuccessfully || failed is not null)
                continue;
            failed = finished;
            await stop.CancelAsync();
        }
        if (failed is not null)
            await failed;
        return [.. tasks.Select(task => task.Result)];
    }

    // Derives, opens and checks what the policy needs of the network, once a shape, on the thread of the small graphs.
    private async Task<FeatureSizes?> PrepareCacheAsync(ValidatedRequest request, Conditioning conditioning, CancellationToken cancellationToken) =>
        request.Cache is { IsPlain: false } plan
            ? await _host.Components.RunAsync(() => RequestCache.Prepare(plan, Name, Parts, request.Shape, conditioning), cancellationToken)
            : null;

    private sealed record PreparedRequest(Conditions[] Conditions, LatentPosterior? Start, FeatureSizes? Features);
}

/// <summary>What lies between a request and its pictures.</summary>
internal sealed record GenerationTrace(double[] Timesteps, LatentShape Shape, float[][] Latents, float[][] Planes, ImmutableArray<ConditionTokens> Tokens)
{
    /// <summary>What caching did for each picture; null where nothing was cached.</summary>
    public CacheUse?[] Caches { get; init; } = [];

    /// <summary>What sampling in parallel took for each picture; null where steps followed each other.</summary>
    public ParallelUse?[] Parallels { get; init; } = [];
}
