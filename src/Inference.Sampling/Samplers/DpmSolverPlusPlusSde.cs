namespace Inference.Sampling;

/// <summary>Options of <see cref="DpmSolverPlusPlusSde"/>.</summary>
internal sealed record DpmSolverPlusPlusSdeOptions
{
    /// <summary>η ≥ 0: 0 is deterministic, 1 the reverse-time SDE.</summary>
    public double Eta { get; init; } = 1;

    /// <summary>Factor ≥ 0 on the noise that is added.</summary>
    public double NoiseScale { get; init; } = 1;

    /// <summary>Where in the step the second evaluation lies, as a part of its length in λ, in (0, 1].</summary>
    public double MiddleRatio { get; init; } = 0.5;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("eta", Eta, 0, double.MaxValue);
        Require.InRange("s_noise", NoiseScale, 0, double.MaxValue);
        Require.InRange("r", MiddleRatio, double.Epsilon, 1);
    }
}

/// <summary>
/// Stochastic DPM-Solver++ with a second evaluation within the step (k-diffusion, <c>sample_dpmpp_sde</c>, after Lu et al. 2022, arXiv:2211.01095,
/// Algorithm 1): both stages go to the level below their target and have noise added. Step i uses draws 2i+1 and 2i+2. A step to clean data or
/// from pure noise is of first order.
/// </summary>
internal sealed class DpmSolverPlusPlusSde : ISampler
{
    private readonly DpmSolverPlusPlusSdeOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverPlusPlusSde(DpmSolverPlusPlusSdeOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var u = Latent.Rent(x.Shape);
        using var fresh = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);
        using var clean2 = Latent.Rent(x.Shape);
        var (eta, r) = (_options.Eta, _options.MiddleRatio);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var (down, up) = AncestralStep.Between(from, to, eta);
            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            if (to.IsClean || from.Alpha == 0)
            {
                x.Set(FirstOrder.Step(x, clean, from, down));
                AddNoise(x, up, noise, 2 * i + 2, fresh);
                observer.OnState(i, 0, x, clean);
                continue;
            }

            var s = trajectory.LevelAt(Math.Pow(from.Kappa, 1 - r) * Math.Pow(to.Kappa, r)).InStage(i, 1);
            var (downToS, upToS) = AncestralStep.Between(from, s, eta);
            u.Set(FirstOrder.Step(x, clean, from, downToS));
            AddNoise(u, upToS, noise, 2 * i + 1, fresh);
            observer.OnState(i, 0, u, clean);

            await denoiser.DenoiseAsync(u, s, clean2, cancellationToken);
            var c = 1 / (2 * r);
            x.Set(FirstOrder.Step(x, (1 - c) * clean + c * clean2, from, down));
            AddNoise(x, up, noise, 2 * i + 2, fresh);
            observer.OnState(i, 1, x, clean2);
        }
    }

    private void AddNoise(Latent x, double up, INoise noise, int draw, Latent fresh)
    {
        if (up == 0)
            return;
        noise.Fill(draw, fresh);
        x.Set(x + _options.NoiseScale * up * fresh);
    }
}
