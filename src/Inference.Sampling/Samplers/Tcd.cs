namespace Inference.Sampling;

/// <summary>
/// Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, arXiv:2402.19159, Algorithm 4): a deterministic jump to
/// timestep s = ⌊(1-γ)·t⌋ below the target t, then noise back up to t. γ is diffusers' <c>eta</c>. The last jump is not followed by noise.
/// </summary>
internal sealed class Tcd : ISampler
{
    private readonly double _gamma;

    /// <param name="gamma">γ, 0 (deterministic) to 1 (as LCM).</param>
    /// <exception cref="SamplingOptionException">γ is out of range.</exception>
    public Tcd(double gamma)
    {
        Require.InRange("eta", gamma, 0, 1);
        _gamma = gamma;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (from, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, from, clean, cancellationToken);

            var s = trajectory.Schedule.At(Math.Floor((1 - _gamma) * t.Timestep));
            var jump = s.Alpha * clean + s.Sigma * ((x - from.Alpha * clean) / from.Sigma);
            if (_gamma > 0 && trajectory.Remaining(i) > 1)
            {
                noise.Fill(i + 1, z);
                var ratio = t.Alpha / s.Alpha;
                jump = ratio * jump + Math.Sqrt(Math.Max(0, 1 - ratio * ratio)) * z;
            }
            x.Set(jump);
            observer.OnState(i, 0, x, clean);
        }
    }
}
