namespace Inference.Sampling;

/// <summary>
/// Multistep sampling of latent consistency models (Luo et al. 2023, arXiv:2310.04378, Algorithm 3; boundary condition of Song et al. 2023,
/// arXiv:2303.01469, eq. 5): f(x, t) = c_skip·x + c_out·x0, then fresh noise of the next level.
/// </summary>
internal sealed class Lcm : ISampler
{
    private const double SigmaData = 0.5;

    private readonly double _timestepScaling;

    /// <param name="timestepScaling">Factor &gt; 0 on the timestep in the boundary condition; 10 in the published models.</param>
    /// <exception cref="SamplingOptionException">The factor is out of range.</exception>
    public Lcm(double timestepScaling)
    {
        Require.InRange("timestep_scaling", timestepScaling, 0, double.MaxValue);
        _timestepScaling = timestepScaling;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);

            var scaled = s.Timestep * _timestepScaling;
            var total = scaled * scaled + SigmaData * SigmaData;
            clean.Set(SigmaData * SigmaData / total * x + scaled / Math.Sqrt(total) * clean);
            if (!t.IsClean)
                noise.Fill(i + 1, z);
            x.Set(t.Alpha * clean + t.Sigma * z);
            observer.OnState(i, 0, x, clean);
        }
    }
}
