namespace Inference.Sampling;

/// <summary>
/// DPM-Solver and DPM-Solver++ in their multistep forms of order 1 to 3, for the ODE and the SDE: Lu et al. 2022, arXiv:2211.01095,
/// Algorithm 2 and section 5; order 3 and the variants as in diffusers' <c>DPMSolverMultistepScheduler</c>. One evaluation a step.
/// </summary>
internal sealed class DpmSolverMultistep : ISampler, ISingleStep
{
    private readonly DpmSolverOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverMultistep(DpmSolverOptions options)
    {
        options.Validate();
        _options = options;
    }

    public string? WhyNotAlone => _options.Order > 1 ? "it needs history" : null;

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(_options.Order, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            history.Slot.Set(_options.Form == DpmForm.Data ? clean : (x - s.Alpha * clean) / s.Sigma);
            history.Push(s);

            if (_options.IsStochastic)
                noise.Fill(i + 1, z);
            if (!DpmCoefficients.IsEmpty(s, t))
                x.Set(Step(x, s, t, history, Math.Min(OrderAt(i, trajectory), history.Count), z));
            observer.OnState(i, 0, x, clean);
        }
    }

    /// <summary>The step of order 1.</summary>
    public Combination Advance(TrajectoryStep step, Latent x, Latent clean, Latent buffer)
    {
        var (s, t) = step;
        if (DpmCoefficients.IsEmpty(s, t))
            return x;
        var c = DpmCoefficients.For(s, t, _options.Form, _options.IsStochastic);
        return c.X * x + c.M * (_options.Form == DpmForm.Data ? clean : (x - s.Alpha * clean) / s.Sigma);
    }

    public double Deviation(TrajectoryStep step) =>
        _options.IsStochastic && !DpmCoefficients.IsEmpty(step.From, step.To) ? DpmCoefficients.For(step.From, step.To, _options.Form, true).Noise : 0;

    private Combination Step(Latent x, NoiseLevel s, NoiseLevel t, EvaluationHistory history, int order, Latent z)
    {
        var c = DpmCoefficients.For(s, t, _options.Form, _options.IsStochastic);
        var sum = c.X * x + c.M * history[0] + c.Noise * z;
        if (order == 1)
            return sum;

        var h = t.Lambda - s.Lambda;
        var r0 = (s.Lambda - history.Levels[1].Lambda) / h;
        var d = (history[0] - history[1]) / r0;
        if (order == 2)
            return sum + (_options.Formula == DpmFormula.Midpoint ? c.Half : c.Phi2) * d;

        var r1 = (history.Levels[1].Lambda - history.Levels[2].Lambda) / h;
        var difference = (d - (history[1] - history[2]) / r1) / (r0 + r1);
        return sum + c.Phi2 * (d + r0 * difference) + (_options.ConsistentThirdOrder ? 2 : 1) * c.Phi3 * difference;
    }

    // λ is infinite at clean data: only the first-order formula has a limit there.
    private int OrderAt(int i, Trajectory trajectory)
    {
        var remaining = trajectory.Remaining(i);
        var lowers = _options.LowerOrderFinal && trajectory.TotalSteps < _options.LowerOrderBelow;
        var limit = trajectory.Steps[i].To.IsClean || (remaining == 1 && (lowers || _options.EulerAtFinal)) ? 1
            : remaining == 2 && lowers ? 2
            : _options.Order;
        return Math.Min(_options.Order, limit);
    }
}
