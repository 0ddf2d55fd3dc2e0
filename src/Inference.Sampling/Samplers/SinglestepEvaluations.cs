using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>
/// The evaluations within a step of singlestep DPM-Solver: at s, then at s1 and s2, whose states are extrapolated from the ones before. Model
/// values are kept as combinations of the state and the predicted clean data, so that a noise prediction is nowhere rounded to float32: its
/// differences over short steps are what adaptive solvers measure. Holds the latents of a run; local to it.
/// </summary>
internal sealed class SinglestepEvaluations(IDenoiser denoiser, SinglestepFormulas solver, LatentShape shape) : IDisposable
{
    private readonly Latent[] _clean = [Latent.Rent(shape), Latent.Rent(shape), Latent.Rent(shape)];
    private Combination _m0;
    private Combination _m1;
    private Combination _m2;
    private int _last;

    /// <summary>Where inner states are evaluated; free between steps.</summary>
    public Latent U { get; } = Latent.Rent(shape);

    /// <summary>The clean data predicted last.</summary>
    public Latent Clean => _clean[_last];

    /// <summary>Evaluates the model as often as <paramref name="nodes"/> tells.</summary>
    /// <param name="x">The state at the first node; results hold until it is changed.</param>
    /// <param name="nodes">Where it is evaluated: s, s1, s2, with their positions in the run.</param>
    /// <param name="cancellationToken">Passed on to the denoiser.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask EvaluateAsync(Latent x, SinglestepNodes nodes, CancellationToken cancellationToken)
    {
        var (order, s, s1, s2) = nodes;
        _last = 0;
        await denoiser.DenoiseAsync(x, s, Clean, cancellationToken);
        _m0 = solver.Model(x, s, Clean);
        if (order < 2)
            return;

        _last = 1;
        U.Set(solver.First(x, _m0, s, s1));
        await denoiser.DenoiseAsync(U, s1, Clean, cancellationToken);
        _m1 = solver.Model(solver.First(x, _m0, s, s1), s1, Clean);
        if (order < 3)
            return;

        _last = 2;
        U.Set(solver.Inner(x, _m0, _m1, s, s1, s2));
        await denoiser.DenoiseAsync(U, s2, Clean, cancellationToken);
        _m2 = solver.Model(solver.Inner(x, _m0, _m1, s, s1, s2), s2, Clean);
    }

    /// <summary>The state at <paramref name="t"/> from all evaluations of the step.</summary>
    public Combination Result(Latent x, SinglestepNodes nodes, NoiseLevel t) => nodes.Order switch
    {
        1 => solver.First(x, _m0, nodes.S, t),
        2 => solver.Second(x, _m0, _m1, nodes.S, nodes.S1, t),
        _ => solver.Third(x, _m0, _m1, _m2, nodes.S, nodes.S1, nodes.S2, t),
    };

    /// <summary>The state at <paramref name="t"/> of one order less, for an error estimate.</summary>
    public Combination LowerResult(Latent x, SinglestepNodes nodes, NoiseLevel t) => nodes.Order switch
    {
        2 => solver.First(x, _m0, nodes.S, t),
        3 => solver.Second(x, _m0, _m1, nodes.S, nodes.S1, t),
        _ => throw new InvalidOperationException("A step of order 1 has no lower order."),
    };

    public void Dispose()
    {
        U.Dispose();
        foreach (var latent in _clean)
            latent.Dispose();
    }
}

/// <summary>Where a step of an order evaluates the model; inner levels that the order does not use are not looked at.</summary>
internal readonly record struct SinglestepNodes(int Order, NoiseLevel S, NoiseLevel S1, NoiseLevel S2)
{
    /// <summary>The evaluations as stages of one step.</summary>
    public SinglestepNodes InStagesOf(int step) => this with { S = S.InStage(step, 0), S1 = S1.InStage(step, 1), S2 = S2.InStage(step, 2) };

    /// <summary>The evaluations as steps of their own, where the trajectory has a step for each.</summary>
    public SinglestepNodes InStepsFrom(int first) => this with { S = S.InStage(first, 0), S1 = S1.InStage(first + 1, 0), S2 = S2.InStage(first + 2, 0) };

    /// <summary>Inner levels that divide the step from <paramref name="s"/> to <paramref name="t"/> evenly in λ.</summary>
    public static SinglestepNodes Even(int order, NoiseLevel s, NoiseLevel t, Trajectory trajectory)
    {
        return new(order, s, order > 1 ? Inner(1.0 / order) : default, order > 2 ? Inner(2.0 / order) : default);

        NoiseLevel Inner(double r) => trajectory.LevelAt(Math.Exp(-(s.Lambda + r * (t.Lambda - s.Lambda))));
    }
}
