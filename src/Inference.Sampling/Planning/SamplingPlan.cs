namespace Inference.Sampling;

/// <summary>A validated request: who integrates, over which noise levels, with what meaning of the network's output.</summary>
/// <param name="Sampler">What the sampler is.</param>
/// <param name="Integrator">The sampler, made with its options.</param>
/// <param name="Trajectory">The levels.</param>
/// <param name="Prediction">What the network predicts.</param>
public sealed record SamplingPlan(SamplerDescriptor Sampler, ISampler Integrator, Trajectory Trajectory, IPrediction Prediction)
{
    /// <summary>Exact number of evaluations of the denoiser; null where it depends on the data.</summary>
    public int? Evaluations => Sampler.Evaluations is { } count ? count(Trajectory)
        : Sampler.EvaluationsPerStep > 0 ? Sampler.EvaluationsPerStep * Trajectory.Steps.Length
        : null;

    /// <summary>The sampler without what clips for it; <see cref="Integrator"/> where nothing does.</summary>
    internal ISampler Unclipped { get; init; } = Integrator;

    /// <summary>How predictions are clipped where the sampler does not do it itself; null: not.</summary>
    internal IDataClipping? Clipping { get; init; }
}
