using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>One step of a trajectory, from a noisier level to a cleaner one.</summary>
public readonly record struct TrajectoryStep(NoiseLevel From, NoiseLevel To);

/// <summary>
/// Which noise levels a sampler visits, apart from how it integrates between them. Usually each step starts where the last one ended; diffusers'
/// DDIM on a grid that does not divide the training steps is an exception that parity keeps.
/// </summary>
public sealed class Trajectory(ImmutableArray<TrajectoryStep> steps, double initialScale, INoiseSchedule schedule)
{
    public ImmutableArray<TrajectoryStep> Steps { get; } = steps;

    /// <summary>The start is noise · InitialScale.</summary>
    public double InitialScale { get; } = initialScale;

    /// <summary>The model's continuous noise schedule, for samplers that evaluate between grid points.</summary>
    public INoiseSchedule Schedule { get; } = schedule;
}
