using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>The evaluations within a step of singlestep DPM-Solver: at s, then at s1 and s2, whose states are extrapolated from the ones before.
/// Holds the latents of a run; local to it.</summary>
internal sealed class SinglestepEvaluations(IDenoiser denoiser, SinglestepFormulas solver, LatentShape shape) : IDisposable
{
    /// <summary>The model value at s.</summary>
    public Latent M0 { get; } = Latent.Rent(shape);

    /// <summary>The model value at s1, from order 2.</summary>
    public Latent M1 { get; } = Latent.Rent(shape);

    /// <summary>The model value at s2, from order 3.</summary>
    public Latent M2 { get; } = Latent.Rent(shape);

    /// <summary>The state that was evaluated last within the step; free between steps.</summary>
    public Latent U { get; } = Latent.Rent(shape);

    /// <summary>The clean data predicted last.</summary>
    public Latent Clean { get; } = Latent.Rent(shape);

    /// <summary>Evaluates the model as often as <paramref name="nodes"/> tells.</summary>
    /// <param name="x">The state at the first node.</param>
    /// <param name="nodes">Where it is evaluated: s, s1, s2.</param>
    /// <param name="step">Index of the step, from 0.</param>
    /// <param name="cancellationToken">Passed on to the denoiser.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask EvaluateAsync(Latent x, SinglestepNodes nodes, int step, CancellationToken cancellationToken)
    {
        var (s, s1, s2) = (nodes.S, nodes.S1, nodes.S2);
        await denoiser.DenoiseAsync(x, s.InStage(step, 0), Clean, cancellationToken);
        M0.Set(solver.Model(x, s, Clean));
        if (nodes.Order < 2)
            return;

        U.Set(solver.First(x, M0, s, s1));
        await denoiser.DenoiseAsync(U, s1.InStage(step, 1), Clean, cancellationToken);
        M1.Set(solver.Model(U, s1, Clean));
        if (nodes.Order < 3)
            return;

        U.Set(solver.Inner(x, M0, M1, s, s1, s2));
        await denoiser.DenoiseAsync(U, s2.InStage(step, 2), Clean, cancellationToken);
        M2.Set(solver.Model(U, s2, Clean));
    }

    /// <summary>The state at <paramref name="t"/> from all evaluations of the step.</summary>
    public Combination Result(Latent x, SinglestepNodes nodes, NoiseLevel t) => nodes.Order switch
    {
        1 => solver.First(x, M0, nodes.S, t),
        2 => solver.Second(x, M0, M1, nodes.S, nodes.S1, t),
        _ => solver.Third(x, M0, M1, M2, nodes.S, nodes.S1, nodes.S2, t),
    };

    /// <summary>The state at <paramref name="t"/> of one order less, for an error estimate.</summary>
    public Combination LowerResult(Latent x, SinglestepNodes nodes, NoiseLevel t) => nodes.Order switch
    {
        2 => solver.First(x, M0, nodes.S, t),
        3 => solver.Second(x, M0, M1, nodes.S, nodes.S1, t),
        _ => throw new InvalidOperationException("A step of order 1 has no lower order."),
    };

    public void Dispose()
    {
        foreach (var latent in (ReadOnlySpan<Latent>)[M0, M1, M2, U, Clean])
            latent.Dispose();
    }
}

/// <summary>Where a step of an order evaluates the model; inner levels that the order does not use are not looked at.</summary>
internal readonly record struct SinglestepNodes(int Order, NoiseLevel S, NoiseLevel S1, NoiseLevel S2)
{
    /// <summary>Inner levels that divide the step from <paramref name="s"/> to <paramref name="t"/> evenly in λ.</summary>
    public static SinglestepNodes Even(int order, NoiseLevel s, NoiseLevel t, Trajectory trajectory)
    {
        return new(order, s, order > 1 ? Inner(1.0 / order) : default, order > 2 ? Inner(2.0 / order) : default);

        NoiseLevel Inner(double r) => trajectory.LevelAt(Math.Exp(-(s.Lambda + r * (t.Lambda - s.Lambda))));
    }
}
