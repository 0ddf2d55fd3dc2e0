namespace Inference.Sampling;

/// <summary>
/// CHORDS (Han et al. 2025, arXiv:2507.15260, Algorithm 1 and its code): cores march along the trajectory side by side, the first from its start, the others from
/// later steps that single jumps reach. When a slower core comes to where a faster one set out, the faster one's state is corrected by what the jump from there
/// would have been: x ← F + G(the slower's state) - G(the state set out from). Results arrive from the fastest core first; the slowest is the plain run.
/// </summary>
/// <param name="convergence">When the results of two cores are as good as equal.</param>
/// <param name="cores">Number of cores, ≥ 1; fewer where the budget at the start is narrower.</param>
/// <param name="take">Core whose result is taken, counted from the fastest, from 1; null: the first that differs from the one before by no more than is allowed.</param>
internal sealed class Chords(Convergence convergence, int cores, int? take) : IParallelMethod
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new Chords(
        making.ByState, making.Options.Integer("cores"), making.Options.Integer("take") is > 0 and var take ? take : null), (steps, width) => Math.Max(steps, steps * Math.Min(width, MaximumCores) / 2))
    {
        Id = "chords",
        Name = "CHORDS",
        Source = "Han et al. 2025, arXiv:2507.15260, Algorithm 1",
        Group = "a step of each core",
        AllowsNoise = false,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-2), ParallelOptions.Window,
            ParallelOptions.Count("cores", "Cores that march side by side; fewer where the window is narrower at the start.", 8, 1, MaximumCores),
            ParallelOptions.Count("take", "Core whose result is taken, from the fastest, 1; 0: the first that agrees with the one before within the tolerance.", 0, 0, MaximumCores),
        ],
    };

    // Starting steps of 50 for each number of cores: published for 4, 6 and 8, laid between those for the others.
    private static readonly int[][] Published =
    [
        [0], [0, 16], [0, 8, 24], [0, 8, 16, 32], [0, 4, 8, 20, 32], [0, 3, 6, 12, 24, 36], [0, 3, 6, 12, 20, 30, 40], [0, 2, 4, 8, 16, 24, 32, 40],
    ];

    private const int PublishedSteps = 50;

    /// <summary>Most cores there are starting steps for.</summary>
    public const int MaximumCores = 8;

    public async ValueTask SampleAsync(ParallelRun run, CancellationToken cancellationToken)
    {
        var starts = StartsOf(run.Count, Math.Min(cores, run.AskWindow(cores)));
        using var last = Latent.Rent(run.Shape);
        var running = new List<ChordsCore> { new(run.Shape, 0) };
        try
        {
            running[0].State.Set(run.X);
            for (var results = 0; run.Confirmed < run.Count;)
            {
                await EvaluateAsync(run, running, cancellationToken);
                March(run, running, starts);
                if (running[^1].At < run.Count)
                {
                    Confirm(run, running[0]);
                    continue;
                }
                using var fastest = running[^1];
                running.Remove(fastest);
                results++;
                var isResult = running.Count == 0 || (take is { } wanted ? results == wanted : results > 1 && !convergence.IsExact && convergence.IsMet(run.Count, fastest.State, last));
                Confirm(run, isResult ? fastest : running[0]);
                last.Set(fastest.State);
            }
            run.X.Set(last);
        }
        finally
        {
            foreach (var core in running)
                core.Dispose();
        }
    }

    private static async ValueTask EvaluateAsync(ParallelRun run, List<ChordsCore> running, CancellationToken cancellationToken)
    {
        foreach (var core in running)
            run.Add(core.State, run.Trajectory.Steps[core.At].From, core.Clean);
        await run.EvaluateAsync(cancellationToken);
        run.Iterated(running[0].At, running[^1].At + 1);
        foreach (var core in running)
            core.Evaluated();
    }

    private static void March(ParallelRun run, List<ChordsCore> running, int[] starts)
    {
        ChordsCore? next = null;
        if (running[^1].IsAtStart && running.Count < starts.Length)
            running[^1].JumpTo(run, next = new(run.Shape, starts[running.Count]));
        // From the fastest on, so that each finds the slower one before it as it was evaluated in this round.
        for (var k = running.Count - 1; k >= 0; k--)
            running[k].Step(run, k > 0 && running[k].Origin == running[k - 1].At ? running[k - 1] : null);
        if (next is not null)
            running.Add(next);
    }

    private static void Confirm(ParallelRun run, ChordsCore core)
    {
        while (run.Confirmed < core.At)
            run.Confirm(core.State, core.Clean);
    }

    // A core that starts right behind another would do the same work.
    private static int[] StartsOf(int steps, int cores)
    {
        var starts = new List<int>();
        foreach (var start in Published[cores - 1].Select(start => (int)Math.Round((double)start * steps / PublishedSteps)))
            if (starts.Count == 0 || start > starts[^1] + 1)
                starts.Add(start);
        return [.. starts];
    }
}
