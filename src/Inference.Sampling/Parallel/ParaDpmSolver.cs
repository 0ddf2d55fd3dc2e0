namespace Inference.Sampling;

/// <summary>
/// ParaDPMSolver, the second-order variant of ParaDiGMS's code (Shih et al. 2023, arXiv:2305.16317): the steps are DPM-Solver++(2M)'s, with the earlier prediction
/// taken from the same pass, and of first order at the beginning of every window. What it converges to therefore depends on the windows.
/// </summary>
/// <param name="convergence">When a position has converged.</param>
internal sealed class ParaDpmSolver(Convergence convergence) : IWindowUpdate
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new WindowIteration(_ => new ParaDpmSolver(making.ByNoise), new SlidingReach()), WindowIteration.PredictEvaluations)
    {
        Id = "para-dpmsolver",
        Name = "ParaDPMSolver, order 2",
        Aliases = ["ParaDPMSolverMultistepScheduler"],
        Source = "Shih et al. 2023, arXiv:2305.16317, code",
        Group = "a window of steps",
        IsExactAtZero = false,
        KeepsStates = false,
        Sampler = "dpmpp-2m",
        Options = [ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window],
    };

    private readonly Picard _picard = new(convergence);

    public async ValueTask EvaluateAsync(ParallelRun run, IterationWindow window, CancellationToken cancellationToken)
    {
        for (var i = window.Begin; i < window.End; i++)
            run.Add(window.State(i), run.Trajectory.Steps[i].From, window.Clean(i));
        await run.EvaluateGroupAsync(null, cancellationToken);
        for (var i = window.Begin; i < window.End; i++)
            if (i == window.Begin || run.Trajectory.Steps[i].To.IsClean)
                run.Step(i, window.State(i), window.Clean(i), window.Map(i + 1));
            else
                window.Map(i + 1).Set(SecondOrder(run.Trajectory, i, window));
    }

    public int Update(ParallelRun run, IterationWindow window) => _picard.Update(run, window);

    // Lu et al. 2022, arXiv:2211.01095, Algorithm 2, in the midpoint form.
    private static Combination SecondOrder(Trajectory trajectory, int i, IterationWindow window)
    {
        var (s, t) = trajectory.Steps[i];
        if (DpmCoefficients.IsEmpty(s, t))
            return window.State(i);
        var c = DpmCoefficients.For(s, t, DpmForm.Data, isStochastic: false);
        var r = (s.Lambda - trajectory.Steps[i - 1].From.Lambda) / (t.Lambda - s.Lambda);
        return c.X * window.State(i) + c.M * window.Clean(i) + c.Half / r * (window.Clean(i) - window.Clean(i - 1));
    }
}
