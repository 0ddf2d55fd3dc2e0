using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The denoising loop of one picture: from noise, or from a picture with noise, to a clean latent.</summary>
/// <param name="parts">The model.</param>
/// <param name="network">Its network on the device.</param>
/// <param name="consistency">Its Picard consistency model on the device, or null.</param>
/// <param name="previews">Renders previews.</param>
/// <param name="pool">Memory of cached features.</param>
internal sealed class PictureRun(PipelineParts parts, BatchNetwork network, BatchNetwork? consistency, PreviewRenderer previews, FeaturePool pool)
{
    /// <summary>What its rows go through on their way to the device, besides the cache.</summary>
    public Func<INetwork, INetwork> Through { get; init; } = network => network;

    /// <summary>Runs the loop.</summary>
    /// <param name="request">The request.</param>
    /// <param name="index">Index of the picture in it.</param>
    /// <param name="prepared">What it shares with the others of its request.</param>
    /// <param name="observer">Told of each step, or null.</param>
    /// <param name="cancellationToken">Looked at between any two evaluations.</param>
    /// <exception cref="EvaluationException">The device failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<DenoisedLatent> DenoiseAsync(
        ValidatedRequest request, int index, PreparedRequest prepared, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var (plan, shape, conditions) = (request.Plan, request.Shape, prepared.ConditionsOf(index));
        var isGuided = conditions.Unconditional is not null;
        var noise = parts.Noise.For(request.Request.Noise, request.Request.Seed, index, request.Request.Count, isGuided);
        var latent = Latent.Rent(shape);
        try
        {
            noise = prepared.Start is not { } start ? FromNoise(latent, plan.Trajectory, noise) : FromPicture(latent, start, plan.Trajectory, noise);
            var watch = observer is null ? null : new PictureObserver(observer, previews, index, request.Settings, plan.Trajectory);
            using var lane = network.OpenLane(new(BatchKey.Full, shape, conditions.Conditional.ShapeKey), request.Request.Sharing, request.Settings.Sampler, watch);
            observer?.OnJoined(index);
            using var cached = prepared.Features is null ? null : new CachedNetwork(lane, request.Cache!, prepared.Features, pool);
            using var denoiser = new GuidedDenoiser(
                (INetwork?)cached ?? Through(lane), plan.Prediction, shape, conditions.Conditional, conditions.Unconditional, isGuided ? request.Guidance : GuidanceOptions.None);
            if (request.Parallel is { } parallel)
                return await new ParallelPicture(parts, consistency, request, conditions, watch).SampleAsync(parallel, lane, denoiser, latent, noise, cancellationToken);
            await plan.Integrator.SampleAsync(denoiser, latent, plan.Trajectory, noise, (ISamplingObserver?)watch ?? NullObserver.Instance, cancellationToken);
            return new(latent, denoiser.Evaluations, cached?.EvaluatedRows ?? denoiser.Rows, lane.Met)
            {
                Cache = UseOf(request, cached, denoiser.Rows, plan.Trajectory.Steps.Length),
            };
        }
        catch
        {
            latent.Dispose();
            throw;
        }
    }

    // A plan without a skipped step runs without a cache, and a preset may be one without a policy.
    private static CacheUse? UseOf(ValidatedRequest request, CachedNetwork? cached, int rows, int steps)
    {
        if (cached is not null)
            return new(request.Cache!.Policy, cached.Rows == 0 ? 1 : (double)cached.FullRows / cached.Rows, [.. cached.FullSteps], cached.Bytes) { FullRows = cached.FullRows };
        var policy = request.Cache?.Policy ?? (request.Request.CachePreset is null ? null : CacheUse.NoPolicy);
        return policy is null ? null : new(policy, 1, [.. Enumerable.Range(0, steps)], 0) { FullRows = rows };
    }

    private static INoise FromNoise(Latent latent, Trajectory trajectory, INoise noise)
    {
        noise.Fill(0, latent);
        latent.Set(trajectory.InitialScale * latent);
        return noise;
    }

    // The reference draws the sample of the posterior first, then the noise, from the same generator.
    private static INoise FromPicture(Latent latent, LatentPosterior picture, Trajectory trajectory, INoise noise)
    {
        using var clean = Latent.Rent(latent.Shape);
        noise.Fill(0, clean);
        picture.Sample(clean);
        noise.Fill(1, latent);
        var level = trajectory.Steps[0].From;
        latent.Set(level.Alpha * clean + level.Sigma * latent);
        return new LaterNoise(noise, 1);
    }
}

/// <summary>The result of one denoising loop; the receiver disposes the latent.</summary>
internal sealed record DenoisedLatent(Latent Latent, int Evaluations, int Rows, BatchesMet Met)
{
    public CacheUse? Cache { get; init; }

    public ParallelUse? Parallel { get; init; }

    /// <summary>Name under which the states of the run are kept, or null.</summary>
    public string? Run { get; init; }
}
