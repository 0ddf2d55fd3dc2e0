namespace Inference.Sampling;

/// <summary>The variance of a DDPM step (Ho et al. 2020, arXiv:2006.11239, section 3.2).</summary>
internal enum DdpmVariance
{
    /// <summary>That of the posterior, β̃.</summary>
    Small,

    /// <summary>That of the forward step, β.</summary>
    Large,
}

/// <summary>Ancestral sampling of DDPM (Ho et al. 2020, arXiv:2006.11239, Algorithm 2 with eq. 6 and 7), also over a subset of the timesteps.</summary>
internal sealed class Ddpm(DdpmVariance variance) : ISampler, ISingleStep
{
    private const double SmallestVariance = 1e-20;

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, step.From, clean, cancellationToken);
            var deviation = Deviation(step);
            if (deviation > 0)
                noise.Fill(i + 1, z);
            x.Set(Advance(step, x, clean, z) + deviation * z);
            observer.OnState(i, 0, x, clean);
        }
    }

    public Combination Advance(TrajectoryStep step, Latent x, Latent clean, Latent buffer)
    {
        var (s, t) = step;
        var (spent, left) = (s.Sigma * s.Sigma, t.Sigma * t.Sigma);
        var ratio = s.Alpha / t.Alpha;
        return t.Alpha * (1 - ratio * ratio) / spent * clean + ratio * left / spent * x;
    }

    public double Deviation(TrajectoryStep step)
    {
        var (s, t) = step;
        if (s.Timestep <= 0)
            return 0;
        var ratio = s.Alpha / t.Alpha;
        var beta = 1 - ratio * ratio;
        return Math.Sqrt(variance == DdpmVariance.Large ? beta : Math.Max(t.Sigma * t.Sigma / (s.Sigma * s.Sigma) * beta, SmallestVariance));
    }
}
