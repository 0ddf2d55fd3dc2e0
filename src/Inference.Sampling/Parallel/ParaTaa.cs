namespace Inference.Sampling;

/// <summary>
/// ParaTAA (Tang et al. 2024, arXiv:2402.09970, Algorithm 1 and its code): fixed-point iteration of the order-k triangular system, in which a state is unrolled
/// over k steps with the predicted noise held, accelerated by Anderson's method. The weights of a position are fitted to the residuals of the window up to
/// that position only, so a state never depends on later ones; up to the first position that has not converged nothing is accelerated.
/// </summary>
/// <param name="convergence">When the residual of a position is small enough.</param>
/// <param name="order">k, ≥ 1: 1 is the Jacobi iteration, the window's width Picard's in noise coordinates.</param>
/// <param name="memory">m, ≥ 1: iterations combined; 1 is the plain iteration.</param>
/// <param name="ridge">Added to the diagonal of the least squares, &gt; 0.</param>
internal sealed class ParaTaa(Convergence convergence, int order, int memory, double ridge) : IWindowUpdate
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new WindowIteration(
        _ => new ParaTaa(making.ByState, making.Options.Integer("order"), making.Options.Integer("memory"), making.Options.Number("ridge")), new SlidingReach())
    {
        VariationSteps = making.Options.Integer("variation_steps"),
    }, WindowIteration.PredictEvaluations)
    {
        Id = "parataa",
        Name = "ParaTAA",
        Aliases = ["taa"],
        Source = "Tang et al. 2024, arXiv:2402.09970, Algorithm 1",
        Group = "a window of steps",
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-3), ParallelOptions.Window,
            ParallelOptions.Count("order", "Steps over which a state is unrolled.", 20, 1, ParallelOptions.MaxSteps),
            ParallelOptions.Count("memory", "Iterations that are combined; 1 accelerates nothing.", 2, 1, AndersonMemory.MaximumMemory),
            new("ridge", "Added to the diagonal of the least squares.", 1e-3) { Minimum = 1e-12, Maximum = 1e6 },
            .. ParallelOptions.States,
        ],
    };

    private readonly AndersonMemory _history = new(memory, ridge);
    private readonly Dictionary<int, Latent> _unrolled = [];

    public int Update(ParallelRun run, IterationWindow window)
    {
        var (converged, open) = (0, true);
        _history.Begin(window.Begin);
        for (var p = window.Begin + 1; p <= window.End; p++)
        {
            var residual = ResidualOf(run, window, p);
            _history.Observe(p, window.State(p), residual);
            var isFirst = open;
            open = open && convergence.IsMet(p, window.Map(p), window.State(p));
            converged += open ? 1 : 0;
            window.New(p).Set(isFirst ? window.State(p) + residual : _history.Extrapolate(p));
        }
        _history.Keep(window);
        return converged;
    }

    public void Dispose()
    {
        _history.Dispose();
        foreach (var latent in _unrolled.Values)
            latent.Dispose();
    }

    // With r the residual of the single step and a the factor on the state, R_p = r_p + a_{p-1} R_{p-1} unrolls to the window's beginning; what lies more than k
    // steps back is taken off again.
    private Latent ResidualOf(ParallelRun run, IterationWindow window, int p)
    {
        var full = Rent(_unrolled, run, p);
        var single = window.Map(p) - window.State(p);
        full.Set(p - 1 == window.Begin ? single : single + FactorOf(run, p - 1) * _unrolled[p - 1]);
        var residual = _history.Residual(run, p);
        var (factor, back) = (1.0, Math.Max(p - order, window.Begin));
        for (var i = back; i < p; i++)
            factor *= FactorOf(run, i);
        residual.Set(back == window.Begin ? full : full - factor * _unrolled[back]);
        return residual;
    }

    // From pure noise the state says nothing about the data; the data is held instead of the noise.
    private static double FactorOf(ParallelRun run, int step) => run.Trajectory.Steps[step] is var (s, t) && s.Alpha > 0 ? t.Alpha / s.Alpha : t.Sigma / s.Sigma;

    private static Latent Rent(Dictionary<int, Latent> latents, ParallelRun run, int position) =>
        latents.TryGetValue(position, out var latent) ? latent : latents[position] = Latent.Rent(run.Shape);
}
