namespace Inference.Sampling;

/// <summary>
/// ParaDiGMS (Shih et al. 2023, arXiv:2305.16317, Algorithm 1): Picard iteration, x_p = x_b + Σ (drift of the steps from b to p), over a window that slides. A
/// position has converged when it changed by at most the tolerance in units of the DDPM posterior's noise.
/// </summary>
/// <param name="convergence">When a position has converged.</param>
internal sealed class Picard(Convergence convergence) : IWindowUpdate
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new WindowIteration(_ => new Picard(making.ByNoise), new SlidingReach()), WindowIteration.PredictEvaluations)
    {
        Id = "picard",
        Name = "ParaDiGMS",
        Aliases = ["paradigms"],
        Source = "Shih et al. 2023, arXiv:2305.16317, Algorithm 1",
        Group = "a window of steps",
        KeepsStates = false,
        Options = [ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window],
    };

    public int Update(ParallelRun run, IterationWindow window)
    {
        var (converged, open) = (0, true);
        for (var p = window.Begin + 1; p <= window.End; p++)
        {
            var before = p - 1 == window.Begin ? window.State(p - 1) : window.New(p - 1);
            window.New(p).Set(before + window.Map(p) - window.State(p - 1));
            open = open && convergence.IsMet(p, window.New(p), window.State(p));
            converged += open ? 1 : 0;
        }
        return converged;
    }
}
