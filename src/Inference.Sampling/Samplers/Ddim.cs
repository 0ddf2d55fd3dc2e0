namespace Inference.Sampling;

/// <summary>
/// DDIM (Song et al. 2021, arXiv:2010.02502, eq. 12 and 16): η = 0 is deterministic, η = 1 has the variance of DDPM. The direction towards x_t
/// uses the noise of the unclipped prediction unless told otherwise.
/// </summary>
internal sealed class Ddim : ISampler
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
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            if (_directionOfClipped)
                _clipping?.Clip(clean);
            epsilon.Set((x - s.Alpha * clean) / s.Sigma);
            if (!_directionOfClipped)
                _clipping?.Clip(clean);

            var deviation = _eta * t.Sigma / s.Sigma * Math.Sqrt(Math.Max(0, 1 - s.Alpha * s.Alpha / (t.Alpha * t.Alpha)));
            if (deviation > 0)
                noise.Fill(i + 1, z);
            // At η = 1 from pure noise nothing is left of the direction; rounding must not make it negative.
            var direction = Math.Sqrt(Math.Max(0, t.Sigma * t.Sigma - deviation * deviation));
            x.Set(t.Alpha * clean + direction * epsilon + deviation * z);
            observer.OnState(i, 0, x, clean);
        }
    }
}
