namespace Inference.Sampling;

/// <summary>Options of <see cref="OriginalDpmAdaptive"/>, with the names and defaults of the authors' code.</summary>
internal sealed record OriginalDpmAdaptiveOptions
{
    /// <summary>What is approximated: noise (DPM-Solver) or data (DPM-Solver++).</summary>
    public DpmForm Form { get; init; } = DpmForm.Data;

    public DpmFormula Formula { get; init; } = DpmFormula.Midpoint;

    /// <summary>2 for the pair of orders 1 and 2, 3 for orders 2 and 3; evaluations an attempted step.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Error allowed relative to the values, &gt; 0.</summary>
    public double RelativeTolerance { get; init; } = 0.05;

    /// <summary>Error allowed in any case, in units of the latent, &gt; 0.</summary>
    public double AbsoluteTolerance { get; init; } = 0.0078;

    /// <summary>The first step in λ, &gt; 0.</summary>
    public double InitialStep { get; init; } = 0.05;

    /// <summary>θ in (0, 1): steps are this much shorter than the error estimate would allow.</summary>
    public double Safety { get; init; } = 0.9;

    /// <summary>Attempted steps after which the run is given up.</summary>
    public int MaximumAttempts { get; init; } = 1000;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("order", Order, 2, 3);
        Require.InRange("rtol", RelativeTolerance, double.Epsilon, double.MaxValue);
        Require.InRange("atol", AbsoluteTolerance, double.Epsilon, double.MaxValue);
        Require.InRange("h_init", InitialStep, double.Epsilon, double.MaxValue);
        Require.InRange("theta", Safety, double.Epsilon, 1);
        Require.InRange("max_attempts", MaximumAttempts, 1, int.MaxValue);
    }
}

/// <summary>
/// DPM-Solver-12 and -23 with adaptive steps as in the authors' code (Lu et al. 2022, arXiv:2206.00927, appendix C): accepted where the error E ≤ 1,
/// next step min(θ h E^(-1/order), what is left). Integrates from the first to the last noisy level of the trajectory; every picture has steps of
/// its own, where the authors' code takes the largest error of a batch. <see cref="NoiseLevel.Step"/> counts attempts.
/// </summary>
internal sealed class OriginalDpmAdaptive : ISampler
{
    // The authors stop at 1e-5 of the time range [0, 1], here in timesteps of the 1000 of training.
    private const double EndTolerance = 1e-2;
    private readonly OriginalDpmAdaptiveOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public OriginalDpmAdaptive(OriginalDpmAdaptiveOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        var (s, end) = NoisyRange.Of(trajectory);
        using var model = new SinglestepEvaluations(denoiser, new(_options.Form, _options.Formula), x.Shape);
        using var low = Latent.Rent(x.Shape);
        using var difference = Latent.Rent(x.Shape);
        using var previous = Latent.Rent(x.Shape);
        previous.Set(x);

        var (h, accepted) = (_options.InitialStep, 0);
        for (var attempt = 0; Math.Abs(s.Timestep - end.Timestep) > EndTolerance; attempt++)
        {
            Require.AttemptsLeft(attempt, _options.MaximumAttempts);
            var t = trajectory.LevelAt(Math.Exp(-(s.Lambda + h)));
            var nodes = SinglestepNodes.Even(_options.Order, s, t, trajectory);

            await model.EvaluateAsync(x, nodes.InStagesOf(attempt), cancellationToken);
            low.Set(model.LowerResult(x, nodes, t));
            difference.Set(model.Result(x, nodes, t) - model.LowerResult(x, nodes, t));
            var error = AdaptiveError.Of(difference, low, previous, _options.AbsoluteTolerance, _options.RelativeTolerance);
            if (error <= 1)
            {
                x.Set(model.Result(x, nodes, t));
                previous.Set(low);
                s = t;
                observer.OnState(accepted++, _options.Order - 1, x, model.Clean);
            }
            h = Math.Min(_options.Safety * h * Math.Pow(error, -1.0 / _options.Order), end.Lambda - s.Lambda);
        }
    }
}
