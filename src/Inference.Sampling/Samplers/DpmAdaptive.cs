namespace Inference.Sampling;

/// <summary>Options of <see cref="DpmAdaptive"/>, with the names of k-diffusion.</summary>
internal sealed record DpmAdaptiveOptions
{
    /// <summary>2 for the pair of orders 1 and 2, 3 for orders 2 and 3; evaluations an attempted step.</summary>
    public int Order { get; init; } = 3;

    /// <summary>Error allowed relative to the values, &gt; 0.</summary>
    public double RelativeTolerance { get; init; } = 0.05;

    /// <summary>Error allowed in any case, in units of the latent, &gt; 0.</summary>
    public double AbsoluteTolerance { get; init; } = 0.0078;

    /// <summary>Noise: 0 for the ODE, 1 for ancestral steps.</summary>
    public AncestralOptions Noise { get; init; } = new() { Eta = 0 };

    public PidOptions StepSize { get; init; } = new();

    /// <summary>Attempted steps after which the run is given up.</summary>
    public int MaximumAttempts { get; init; } = 1000;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("order", Order, 2, 3);
        Require.InRange("rtol", RelativeTolerance, double.Epsilon, double.MaxValue);
        Require.InRange("atol", AbsoluteTolerance, double.Epsilon, double.MaxValue);
        Require.InRange("max_attempts", MaximumAttempts, 1, int.MaxValue);
        Noise.Validate();
        StepSize.Validate();
    }
}

/// <summary>
/// DPM-Solver-12 and -23 with adaptive steps (Lu et al. 2022, arXiv:2206.00927, appendix C; k-diffusion, <c>sample_dpm_adaptive</c>), from the first
/// to the last noisy level of the trajectory, whose other levels do not matter. Every picture has steps of its own. The accepted step i uses
/// draw i+1 when η &gt; 0. <see cref="NoiseLevel.Step"/> counts attempts.
/// </summary>
internal sealed class DpmAdaptive : ISampler
{
    private const double EndTolerance = 1e-5;
    private readonly DpmAdaptiveOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmAdaptive(DpmAdaptiveOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        var (s, end) = NoisyRange.Of(trajectory);
        using var model = new SinglestepEvaluations(denoiser, new(DpmForm.Noise, DpmFormula.Midpoint), x.Shape);
        using var low = Latent.Rent(x.Shape);
        using var difference = Latent.Rent(x.Shape);
        using var previous = Latent.Rent(x.Shape);
        previous.Set(x);
        var size = new PidStepSize(_options.StepSize, _options.Noise.Eta > 0 ? 1.5 : _options.Order);

        var accepted = 0;
        for (var attempt = 0; s.Lambda < end.Lambda - EndTolerance; attempt++)
        {
            Require.AttemptsLeft(attempt, _options.MaximumAttempts);
            var lambda = s.Lambda + size.Step;
            var t = lambda < end.Lambda ? trajectory.LevelAt(Math.Exp(-lambda)) : end;
            var (down, up) = AncestralStep.Between(s, t, _options.Noise.Eta, end.Kappa);
            var nodes = SinglestepNodes.Even(_options.Order, s, down, trajectory);

            await model.EvaluateAsync(x, nodes.InStagesOf(attempt), cancellationToken);
            low.Set(model.LowerResult(x, nodes, down));
            difference.Set(model.Result(x, nodes, down) - model.LowerResult(x, nodes, down));
            if (!size.Accepts(AdaptiveError.Of(difference, low, previous, _options.AbsoluteTolerance, _options.RelativeTolerance)))
                continue;

            previous.Set(low);
            x.Set(model.Result(x, nodes, down));
            if (up > 0)
            {
                noise.Fill(accepted + 1, difference);
                x.Set(x + _options.Noise.NoiseScale * up * difference);
            }
            s = t;
            observer.OnState(accepted++, _options.Order - 1, x, model.Clean);
        }
    }
}
