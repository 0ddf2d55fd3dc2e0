namespace Inference.Sampling;

/// <summary>Options of the samplers of the DPM-Solver authors' code.</summary>
internal sealed record OriginalDpmOptions
{
    /// <summary>What is approximated: noise (DPM-Solver) or data (DPM-Solver++).</summary>
    public SolverForm Form { get; init; } = SolverForm.Data;

    /// <summary>Largest order used, 1 to 3.</summary>
    public int Order { get; init; } = 2;

    public SolverCorrection Correction { get; init; } = SolverCorrection.Minimal;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate() => Require.InRange("order", Order, 1, 3);

    /// <exception cref="SamplingOptionException">The trajectory has too few steps, or an end that the noise form cannot reach.</exception>
    public void ValidateFor(Trajectory trajectory)
    {
        Require.That(trajectory.Steps.Length >= Order, "order",
            $"order = {Order} needs at least as many steps, not {trajectory.Steps.Length}: raise steps or lower order.");
        Require.That(Form == SolverForm.Data || !trajectory.Steps[^1].To.IsClean, "algorithm_type",
            "DPM-Solver in its noise form (dpmsolver) cannot step to clean data: let the schedule end at its smallest noise level, or choose dpmsolver++.");
    }
}

/// <summary>
/// Multistep DPM-Solver and DPM-Solver++ of orders 1 to 3 as in the authors' code (Lu et al. 2022, arXiv:2206.00927 and arXiv:2211.01095,
/// Algorithm 2). As there D2 is half the second derivative, which limits order 3 to convergence of order 2.
/// </summary>
internal sealed class OriginalDpmMultistep : ISampler
{
    // The authors lower the order at the end only when steps are this few.
    private const int FewSteps = 10;

    private readonly OriginalDpmOptions _options;
    private readonly bool _lowerOrderFinal;

    /// <param name="options">What is integrated, how and at which order.</param>
    /// <param name="lowerOrderFinal">Whether runs of fewer than 10 steps end with steps of falling order.</param>
    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public OriginalDpmMultistep(OriginalDpmOptions options, bool lowerOrderFinal)
    {
        options.Validate();
        (_options, _lowerOrderFinal) = (options, lowerOrderFinal);
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        _options.ValidateFor(trajectory);
        var count = trajectory.Steps.Length;
        using var clean = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(_options.Order, x.Shape);

        for (var i = 0; i < count; i++)
        {
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s.InStage(i, 0), clean, cancellationToken);
            history.Slot.Set(ExponentialStep.Model(_options.Form, x, s, clean));
            history.Push(s);

            var order = _lowerOrderFinal && count < FewSteps ? Math.Min(history.Count, count - i) : history.Count;
            x.Set(t.IsClean ? FirstOrder.Step(x, clean, s, t) : Step(order, x, s, t, history));
            observer.OnState(i, 0, x, clean);
        }
    }

    private Combination Step(int order, Latent x, NoiseLevel s, NoiseLevel t, EvaluationHistory m)
    {
        var step = ExponentialStep.Of(_options.Form, s, t);
        if (order == 1)
            return step.First(x, m[0]);

        var h = t.Lambda - s.Lambda;
        var r0 = (s.Lambda - m.Levels[1].Lambda) / h;
        var d10 = (m[0] - m[1]) / r0;
        if (order == 2)
            return step.Second(x, m[0], d10, _options.Correction);

        var r1 = (m.Levels[1].Lambda - m.Levels[2].Lambda) / h;
        var d11 = (m[1] - m[2]) / r1;
        var d1 = d10 + r0 / (r0 + r1) * (d10 - d11);
        var d2 = (d10 - d11) / (r0 + r1);
        return step.First(x, m[0]) - step.B * (step.Phi2 * d1 + step.Phi3 * d2);
    }
}
