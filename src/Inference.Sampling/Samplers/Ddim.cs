namespace Inference.Sampling;

/// <summary>
/// DDIM (Song et al. 2021, arXiv:2010.02502, eq. 12 and 16): η = 0 is deterministic, η = 1 has the variance of DDPM. The direction towards x_t
/// uses the noise of the unclipped prediction unless told otherwise.
/// </summary>
internal sealed class Ddim : ISampler, ISingleStep
{
    private readonly double _eta;
    private readonly IDataClipping? _clipping;
    private readonly bool _directionOfClipped;

    /// <param name="eta">η, 0 to 1.</param>
    /// <param name="clipping">How predicted data is clipped; null: not.</param>
    /// <param name="directionOfClipped">Whether the noise is derived from the clipped prediction (diffusers, <c>use_clipped_model_output</c>).</param>
    /// <exception cref="SamplingOptionException">η is out of range.</exception>
    public Ddim(double eta, IDataClipping? clipping = null, bool directionOfClipped = false)
    {
        Require.InRange("eta", eta, 0, 1);
        (_eta, _clipping, _directionOfClipped) = (eta, clipping, directionOfClipped);
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var epsilon = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, step.From, clean, cancellationToken);
            var deviation = Deviation(step);
            if (deviation > 0)
                noise.Fill(i + 1, z);
            x.Set(Advance(step, x, clean, epsilon) + deviation * z);
            observer.OnState(i, 0, x, clean);
        }
    }

    public Combination Advance(TrajectoryStep step, Latent x, Latent clean, Latent buffer)
    {
        var (s, t) = step;
        if (_directionOfClipped)
            _clipping?.Clip(clean);
        var epsilon = buffer;
        epsilon.Set((x - s.Alpha * clean) / s.Sigma);
        if (!_directionOfClipped)
            _clipping?.Clip(clean);
        // At η = 1 from pure noise nothing is left of the direction; rounding must not make it negative.
        var deviation = Deviation(step);
        var direction = Math.Sqrt(Math.Max(0, t.Sigma * t.Sigma - deviation * deviation));
        return t.Alpha * clean + direction * epsilon;
    }

    public double Deviation(TrajectoryStep step)
    {
        var (s, t) = step;
        return _eta * t.Sigma / s.Sigma * Math.Sqrt(Math.Max(0, 1 - s.Alpha * s.Alpha / (t.Alpha * t.Alpha)));
    }
}
