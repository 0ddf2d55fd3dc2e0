namespace Inference.Sampling;

/// <summary>
/// Multistep sampling of few-step models (Song et al. 2023, arXiv:2303.01469, algorithm 1): predict clean data, add fresh noise of the next
/// level, x_t = α_t x̂ + σ_t z. It is the rule of DMD2 (Yin et al. 2024, arXiv:2405.14867), of sCM on TrigFlow levels (Lu &amp; Song 2024,
/// arXiv:2410.11081) and of rCM on flow levels (Zheng et al. 2025, arXiv:2510.08431); they differ in the levels visited. The model maps to data
/// in one jump, so there is no order of accuracy, and guidance or history from other samplers does not apply.
/// </summary>
internal sealed class RenoisedPrediction : ISampler
{
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
            if (!t.IsClean)
                noise.Fill(i + 1, z);
            x.Set(t.Alpha * clean + t.Sigma * z);
            observer.OnState(i, 0, x, clean);
        }
    }
}
