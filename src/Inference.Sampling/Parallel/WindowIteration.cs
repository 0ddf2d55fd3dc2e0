namespace Inference.Sampling;

/// <summary>
/// Fixed-point iteration over a window of steps, the frame of Picard, Jacobi and Anderson iterations (Song et al. 2021, arXiv:2002.03629, Algorithm 3): the
/// states of the window are evaluated as one group, made anew from the single steps between them, and the window moves over those that have converged.
/// The first state that has not was made from converged ones and is final too, so every iteration moves by at least a step, whatever the widths.
/// </summary>
/// <param name="update">Makes the new states.</param>
/// <param name="reach">How far a window may reach.</param>
internal sealed class WindowIteration(Func<ParallelRun, IWindowUpdate> update, IWindowReach reach) : IParallelMethod
{
    /// <summary>Evaluations that a run is predicted to take, by its steps and its width.</summary>
    public static int PredictEvaluations(int steps, int width) =>
        // On the embedded model, 50 steps: 2.1 to 3.1 times the plain run with a window of 8, 3.0 to 4.6 times with 16, 4.7 to 7.5 times with 32.
        (int)Math.Ceiling(steps * (1 + 0.17 * (Math.Min(width, steps) - 1)));

    /// <summary>Steps at the end that are iterated when a former run gives the states before them; null: all.</summary>
    public int? VariationSteps { get; init; }

    public async ValueTask SampleAsync(ParallelRun run, CancellationToken cancellationToken)
    {
        var start = run.Former is null || VariationSteps is null ? 0 : Math.Max(0, run.Count - VariationSteps.Value);
        Skip(run, start);
        using var window = new IterationWindow(run, start);
        using var rule = update(run);
        while (window.Begin < run.Count)
        {
            window.Open(window.Begin + run.AskWindow(reach.End(window.Begin, run.Count) - window.Begin));
            await rule.EvaluateAsync(run, window, cancellationToken);
            run.Iterated(window.Begin, window.End);
            var converged = rule.Update(run, window);
            window.Slide(Math.Min(window.Begin + converged + 1, window.End));
        }
        run.X.Set(window.State(run.Count));
    }

    // The states of the former run up to the variation are those of this one.
    private static void Skip(ParallelRun run, int start)
    {
        for (var position = 1; position <= start; position++)
        {
            run.Former![position].CopyTo(run.X.Values);
            run.Confirm(run.X, run.X);
        }
    }
}

/// <summary>What one iteration makes of a window. Belongs to one run.</summary>
internal interface IWindowUpdate : IDisposable
{
    /// <summary>Evaluates the states before the window's steps and takes the steps: fills the window's maps.</summary>
    async ValueTask EvaluateAsync(ParallelRun run, IterationWindow window, CancellationToken cancellationToken)
    {
        for (var i = window.Begin; i < window.End; i++)
            run.Add(window.State(i), run.Trajectory.Steps[i].From, window.Clean(i));
        await run.EvaluateGroupAsync(null, cancellationToken);
        for (var i = window.Begin; i < window.End; i++)
            run.Step(i, window.State(i), window.Clean(i), window.Map(i + 1));
    }

    /// <summary>Fills the window's new states; returns how many at its beginning had converged before.</summary>
    int Update(ParallelRun run, IterationWindow window);

    void IDisposable.Dispose()
    {
    }
}

/// <summary>How far a window may reach.</summary>
internal interface IWindowReach
{
    /// <summary>Step after the last one that a window from <paramref name="begin"/> may hold, of <paramref name="count"/> steps.</summary>
    int End(int begin, int count);
}

/// <summary>A window slides on with every state that converges.</summary>
internal sealed class SlidingReach : IWindowReach
{
    public int End(int begin, int count) => count;
}

/// <summary>Blocks one after the other: a window stays in its block until that has converged, Gauss-Seidel between blocks.</summary>
/// <param name="size">Steps a block, ≥ 1.</param>
internal sealed class BlockReach(int size) : IWindowReach
{
    public int End(int begin, int count) => Math.Min(count, (begin / size + 1) * size);
}
