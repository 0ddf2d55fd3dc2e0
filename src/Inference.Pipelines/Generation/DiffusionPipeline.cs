using System.Collections.Immutable;
using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// One loaded model: text encoder, denoiser behind its step batcher, autoencoder. A generation is an ordinary async method; requests meet only in
/// the step batcher. Safe for any number of requests at once.
/// </summary>
public sealed class DiffusionPipeline : IDisposable
{
    private readonly PipelineHost _host;
    private readonly PipelineParts _parts;
    private readonly StepBatcher _batcher;
    private TimeSpan _decodePerValue;

    internal DiffusionPipeline(string name, string className, PipelineHost host, PipelineParts parts)
    {
        (Name, ClassName, _host, _parts) = (name, className, host, parts);
        _batcher = new(name, parts.Denoiser, host.Batching, host.Time, host.Batches);
    }

    /// <summary>Name in requests.</summary>
    public string Name { get; }

    /// <summary>Pipeline class of model_index.json.</summary>
    public string ClassName { get; }

    /// <summary>Sizes it generates, the default first.</summary>
    public ImmutableArray<ImageSize> Sizes => _parts.Sizes;

    public int DefaultSteps => _parts.DefaultSteps;

    public double DefaultGuidanceScale => _parts.DefaultGuidanceScale;

    /// <summary>Samplers that make sense for the model.</summary>
    public IEnumerable<SamplerDescriptor> Samplers => _parts.Planner.Samplers;

    /// <summary>Denoising loops running now.</summary>
    public int OpenLanes => _batcher.OpenLanes;

    internal PipelineParts Parts => _parts;

    /// <summary>Identifies the model's files; empty when it was not loaded from a folder.</summary>
    internal string Fingerprint { get; private set; } = "";

    /// <summary>Loads a model folder.</summary>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="Onnx.GraphException">A graph cannot be loaded.</exception>
    public static DiffusionPipeline Load(string folder, PipelineHost host)
    {
        var model = new ModelFolder(folder);
        var pipeline = PipelineFamilies.Of(model).Load(model, host);
        pipeline.Fingerprint = ModelFingerprint.Of(folder);
        return pipeline;
    }

    /// <summary>Checks a request without running it.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    public GenerationSettings Check(GenerationRequest request, GenerationLimits limits) => RequestValidator.Validate(request, Name, _parts, limits).Settings;

    /// <summary>Generates the pictures of a request; they are denoised side by side.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="GenerationFailedException">A result is not finite or of one colour.</exception>
    /// <exception cref="EvaluationException">The device failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the work stopped within one step.</exception>
    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, GenerationLimits limits, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var validated = RequestValidator.Validate(request, Name, _parts, limits);
        var started = _host.Time.GetTimestamp();
        var conditional = await _parts.Text.EncodeAsync(request.Prompt, cancellationToken);
        var unconditional = validated.Settings.GuidanceScale == 1 ? null : await _parts.Text.EncodeAsync(request.NegativePrompt ?? "", cancellationToken);
        var textTime = _host.Time.GetElapsedTime(started);

        // One failing picture stops the others of its request.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var images = await WhenAllOrFirstFailure(
            Enumerable.Range(0, request.Count).Select(index => GenerateOneAsync(validated, index, conditional, unconditional, observer, stop.Token)), stop);
        return new(images, validated.Settings, textTime, Warnings(("prompt", conditional), ("negative_prompt", unconditional)));
    }

    /// <summary>One picture with what lies between: the timesteps, the final latent and the decoded planes, by the same calls as a generation.</summary>
    internal async Task<GenerationTrace> TraceAsync(GenerationRequest request)
    {
        var validated = RequestValidator.Validate(request, Name, _parts, new());
        var conditional = await _parts.Text.EncodeAsync(request.Prompt, default);
        var unconditional = await _parts.Text.EncodeAsync(request.NegativePrompt ?? "", default);
        using var latent = (await DenoiseAsync(validated, 0, conditional, unconditional, null, default)).Latent;
        return new([.. validated.Plan.Trajectory.Steps.Select(step => step.From.Timestep)], latent.Values.ToArray(), await _parts.Decoder.DecodeAsync(latent, default));
    }

    /// <summary>Predicts what a valid request takes, from the costs measured at warm-up.</summary>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    public PredictedCost Predict(GenerationRequest request, GenerationLimits limits)
    {
        var validated = RequestValidator.Validate(request, Name, _parts, limits);
        // Adaptive samplers take what the data asks for; two evaluations a step is a middling guess.
        var evaluations = validated.Plan.Evaluations ?? 2 * validated.Settings.Steps;
        return new(request.Count, validated.Settings.GuidanceScale == 1 ? 1 : 2, evaluations, _decodePerValue * validated.Shape.Length,
            _batcher.Curves.Of(new CostKey(BatchKey.Full, validated.Shape)), _batcher.Options.MaxRows);
    }

    /// <summary>Runs the whole path at a single step, so that the first request finds everything loaded, and learns what evaluations cost unless an
    /// earlier process on this machine did.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var request = new GenerationRequest { Prompt = "warm-up", Steps = 1 };
        var validated = RequestValidator.Validate(request, Name, _parts, new());
        var text = await _parts.Text.EncodeAsync(request.Prompt, cancellationToken);
        using var latent = (await DenoiseAsync(validated, 0, text, text, null, cancellationToken)).Latent;
        await _parts.Decoder.DecodeAsync(latent, cancellationToken);
        var started = _host.Time.GetTimestamp();
        await _parts.Decoder.DecodeAsync(latent, cancellationToken);
        _decodePerValue = _host.Time.GetElapsedTime(started) / validated.Shape.Length;

        if (_host.Costs.TryLoad(this, _batcher.Curves))
            return;
        var key = new BatchKey(BatchKey.Full, validated.Shape, text.Conditioning.ShapeKey);
        await new CostCurveLearner(_batcher, _host.Time).LearnAsync(key, text.Conditioning, validated.Plan.Trajectory.Steps[0].From.Timestep, _host.Costs.Budget, cancellationToken);
        _host.Costs.Save(this, _batcher.Curves);
    }

    public void Dispose()
    {
        _batcher.Dispose();
        // Real batches have refined what warm-up measured.
        _host.Costs.Save(this, _batcher.Curves);
        _parts.Text.Dispose();
        _parts.Decoder.Dispose();
    }

    private async Task<GeneratedImage> GenerateOneAsync(
        ValidatedRequest request, int index, EncodedPrompt conditional, EncodedPrompt? unconditional, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var started = _host.Time.GetTimestamp();
        var denoised = await DenoiseAsync(request, index, conditional, unconditional, observer, cancellationToken);
        using var latent = denoised.Latent;
        var denoiseTime = _host.Time.GetElapsedTime(started);
        if (!latent.IsFinite())
            throw new GenerationFailedException("The denoiser returned values that are not finite; no picture was made.");

        started = _host.Time.GetTimestamp();
        var image = PixelConversion.ToRgb(await _parts.Decoder.DecodeAsync(latent, cancellationToken), request.Settings.Size);
        var seed = request.Request.Seed + index;
        return new(image, seed, PictureParameters.Format(request.Request, request.Settings, seed), denoised.Evaluations, denoised.Rows,
            denoised.Batches, denoised.MeanBatchRows, denoiseTime, _host.Time.GetElapsedTime(started));
    }

    /// <summary>The denoising loop of one picture: noise to clean latent.</summary>
    internal async Task<DenoisedLatent> DenoiseAsync(
        ValidatedRequest request, int index, EncodedPrompt conditional, EncodedPrompt? unconditional, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var (plan, shape) = (request.Plan, request.Shape);
        var seed = request.Request.Seed + index;
        INoise noise = request.Request.Noise == NoiseSource.Gpu ? new PhiloxNoise((ulong)seed) : new TorchCpuNoise((ulong)seed);
        var latent = Latent.Rent(shape);
        try
        {
            noise.Fill(0, latent);
            latent.Set(plan.Trajectory.InitialScale * latent);
            using var lane = _batcher.OpenLane(new(BatchKey.Full, shape, conditional.Conditioning.ShapeKey), request.Request.Sharing, request.Settings.Sampler);
            using var denoiser = new GuidedDenoiser(lane, plan.Prediction, shape, conditional.Conditioning, unconditional?.Conditioning, request.Guidance);
            var watch = observer is null ? (ISamplingObserver)NullObserver.Instance : new StepObserver(observer, index, request.Settings.Steps);
            await plan.Integrator.SampleAsync(denoiser, latent, plan.Trajectory, noise, watch, cancellationToken);
            return new(latent, denoiser.Evaluations, denoiser.Rows, lane.Batches, lane.Batches == 0 ? 0 : (double)lane.RowsMet / lane.Batches);
        }
        catch
        {
            latent.Dispose();
            throw;
        }
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

    private static IReadOnlyList<string> Warnings(params ReadOnlySpan<(string Parameter, EncodedPrompt? Prompt)> prompts)
    {
        var warnings = new List<string>();
        foreach (var (parameter, prompt) in prompts)
            if (prompt is { Truncated: true })
                warnings.Add($"'{parameter}' is longer than the model reads: only its first {prompt.Tokens} tokens were used.");
        return warnings;
    }

    private sealed class StepObserver(IGenerationObserver observer, int image, int steps) : ISamplingObserver
    {
        public void OnState(int step, int stage, Latent x, Latent clean) => observer.OnStep(image, Math.Min(step + 1, steps), steps);
    }
}

/// <summary>The result of one denoising loop; the receiver disposes the latent.</summary>
internal readonly record struct DenoisedLatent(Latent Latent, int Evaluations, int Rows, int Batches, double MeanBatchRows);

/// <summary>What lies between a request and its picture.</summary>
internal sealed record GenerationTrace(double[] Timesteps, float[] Latent, float[] Planes);
