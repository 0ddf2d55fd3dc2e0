namespace Inference.Sampling;

/// <summary>
/// DPM-Solver and DPM-Solver++ in their single-step forms (Lu et al. 2022, arXiv:2206.00927, Algorithms 1 and 2; arXiv:2211.01095, Algorithm 1)
/// over a fixed grid, as diffusers' <c>DPMSolverSinglestepScheduler</c> arranges them: one evaluation a step; a step of order k starts again
/// where the block of k steps began and uses the block's k evaluations.
/// </summary>
internal sealed class DpmSolverSinglestep : ISampler
{
    private readonly DpmSolverOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverSinglestep(DpmSolverOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        var endsClean = trajectory.Steps[^1].To.IsClean;
        using var clean = Latent.Rent(x.Shape);
        using var start = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(_options.Order, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            history.Slot.Set(_options.Form == DpmForm.Data ? clean : (x - s.Alpha * clean) / s.Sigma);
            history.Push(s);

            var order = Math.Min(OrderOf(trajectory.Skipped + i, _options.Order, trajectory.TotalSteps, _options.LowerOrderFinal, endsClean), history.Count);
            if (order == 1)
                start.Set(x);
            if (_options.IsStochastic)
                noise.Fill(i + 1, z);
            if (!DpmCoefficients.IsEmpty(history.Levels[order - 1], t))
                x.Set(Step(start, t, history, order, z));
            observer.OnState(i, 0, x, clean);
        }
    }

    /// <summary>Order of an evaluation: blocks 1, 2, .., k, and lower ones at the end where the steps do not fill blocks or end at clean data.</summary>
    internal static int OrderOf(int evaluation, int order, int steps, bool lowerOrderFinal, bool endsClean)
    {
        // λ is infinite at clean data. Where the blocks come out even the last is replaced: 1,2,1 for order 3, 1,1 for order 2.
        var endsLow = endsClean || (lowerOrderFinal && steps % order == 0);
        return evaluation == steps - 1 && endsLow ? 1 : evaluation % order + 1;
    }

    private Combination Step(Latent start, NoiseLevel t, EvaluationHistory history, int order, Latent z)
    {
        // Evaluations and λ from the start of the block on: m[0] is the first.
        var s = history.Levels[order - 1];
        var c = DpmCoefficients.For(s, t, _options.Form, _options.IsStochastic);
        var first = history[order - 1];
        var sum = c.X * start + c.M * first + c.Noise * z;
        if (order == 1)
            return sum;

        var h = t.Lambda - s.Lambda;
        var r = (history.Levels[0].Lambda - s.Lambda) / h;
        var d = (history[0] - first) / r;
        if (order == 2)
            return sum + (_options.Formula == DpmFormula.Midpoint ? c.Half : c.Phi2) * d;
        if (_options.Formula == DpmFormula.Midpoint)
            return sum + c.Phi2 * d;

        var r1 = (history.Levels[1].Lambda - s.Lambda) / h;
        var d1 = (history[1] - first) / r1;
        return sum + c.Phi2 * (r * d1 - r1 * d) / (r - r1) + 2 * c.Phi3 * (d - d1) / (r - r1);
    }
}
