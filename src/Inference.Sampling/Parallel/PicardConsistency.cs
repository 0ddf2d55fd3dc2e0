namespace Inference.Sampling;

/// <summary>
/// Picard consistency models (So et al. 2025, arXiv:2503.19731, section 3): a second model, tuned so that one Picard step lands
/// near the fixed point, takes the first iterations of a position, blended as λΦ_PCM + (1 - λ)Φ_base with λ = clip(1 - s·k/K, 0, 1). A position's k counts the
/// iterations since it entered the window. The first position of a window is the base model's alone, and none counts as converged while λ &gt; 0 at or before it, so
/// the result is the base model's.
/// </summary>
/// <param name="convergence">When a position has converged.</param>
/// <param name="speed">s &gt; 0.</param>
/// <param name="iterations">K ≥ 1.</param>
internal sealed class PicardConsistency(Convergence convergence, double speed, int iterations) : IWindowUpdate
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new WindowIteration(
        _ => new PicardConsistency(making.ByNoise, making.Options.Number("speed"), making.Options.Integer("iterations")), new SlidingReach()), (steps, width) => 2 * WindowIteration.PredictEvaluations(steps, width))
    {
        Id = "picard-consistency",
        Name = "Picard consistency model",
        Aliases = ["pcm"],
        Source = "So et al. 2025, arXiv:2503.19731",
        Group = "a window of steps, of both models",
        NeedsConsistencyModel = true,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window,
            new("speed", "s: how fast the consistency model is faded out.", 1.0) { Minimum = 1e-3, Maximum = 1000 },
            ParallelOptions.Count("iterations", "K: iterations of a state over which it is faded out at speed 1.", 2, 1, ParallelOptions.MaxSteps),
        ],
    };

    private readonly Dictionary<int, int> _age = [];
    private readonly Dictionary<int, Latent> _cleans = [];

    public async ValueTask EvaluateAsync(ParallelRun run, IterationWindow window, CancellationToken cancellationToken)
    {
        for (var i = window.Begin; i < window.End; i++)
            if (Blend(window, i) < 1)
                run.Add(window.State(i), run.Trajectory.Steps[i].From, window.Clean(i));
        await run.EvaluateGroupAsync(null, cancellationToken);
        for (var i = window.Begin; i < window.End; i++)
            if (Blend(window, i) > 0)
                run.Add(window.State(i), run.Trajectory.Steps[i].From, Rent(run, i));
        await run.EvaluateGroupAsync(run.Consistency, cancellationToken);
        for (var i = window.Begin; i < window.End; i++)
            Step(run, window, i);
    }

    public int Update(ParallelRun run, IterationWindow window)
    {
        var (converged, open) = (0, true);
        for (var p = window.Begin + 1; p <= window.End; p++)
        {
            var before = p - 1 == window.Begin ? window.State(p - 1) : window.New(p - 1);
            window.New(p).Set(before + window.Map(p) - window.State(p - 1));
            if (open && Blend(window, p - 1) > 0)
                // The state behind the converged ones is taken too, but not one that the consistency model had a part in.
                (open, converged) = (false, converged - 1);
            open = open && convergence.IsMet(p, window.New(p), window.State(p));
            converged += open ? 1 : 0;
        }
        for (var i = window.Begin; i < window.End; i++)
            _age[i] = _age.GetValueOrDefault(i) + 1;
        return converged;
    }

    public void Dispose()
    {
        foreach (var clean in _cleans.Values)
            clean.Dispose();
    }

    // λ of a step; the first step of a window starts from a final state.
    private double Blend(IterationWindow window, int step) =>
        step == window.Begin ? 0 : Math.Clamp(1 - speed * _age.GetValueOrDefault(step) / iterations, 0, 1);

    private void Step(ParallelRun run, IterationWindow window, int i)
    {
        var (blend, map) = (Blend(window, i), window.Map(i + 1));
        if (blend < 1)
            run.Step(i, window.State(i), window.Clean(i), map);
        if (blend == 0)
            return;
        if (blend == 1)
        {
            run.Step(i, window.State(i), _cleans[i], map);
            return;
        }
        run.Step(i, window.State(i), _cleans[i], window.New(i + 1));
        map.Set(blend * window.New(i + 1) + (1 - blend) * map);
    }

    private Latent Rent(ParallelRun run, int step) => _cleans.TryGetValue(step, out var clean) ? clean : _cleans[step] = Latent.Rent(run.Shape);
}
