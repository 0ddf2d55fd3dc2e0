namespace Inference.Sampling;

/// <summary>
/// Ancestral sampling with the midpoint rule of <see cref="Kdpm2"/> (k-diffusion, <c>sample_dpm_2_ancestral</c>; diffusers, KDPM2Ancestral):
/// a second-order step to the level below the target, then noise back up to it. A step to clean data or from pure noise is of first order.
/// </summary>
internal sealed class Kdpm2Ancestral : ISampler
{
    private readonly AncestralOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public Kdpm2Ancestral(AncestralOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var middle = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var (down, up) = AncestralStep.Between(from, to, _options.Eta);

            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            var stage = 0;
            if (down.IsClean || from.Alpha == 0)
                x.Set(FirstOrder.Step(x, clean, from, down));
            else
            {
                var mid = trajectory.LevelAt(Math.Sqrt(from.Kappa * down.Kappa)).InStage(i, 1);
                middle.Set(FirstOrder.Step(x, clean, from, mid));
                observer.OnState(i, 0, middle, clean);

                await denoiser.DenoiseAsync(middle, mid, clean, cancellationToken);
                var n = (middle - mid.Alpha * clean) / mid.Sigma;
                x.Set(x + (down.Alpha - from.Alpha) * (Combination)clean + (down.Sigma - from.Sigma) * n);
                stage = 1;
            }
            if (up > 0)
            {
                noise.Fill(i + 1, middle);
                x.Set(x + _options.NoiseScale * up * middle);
            }
            observer.OnState(i, stage, x, clean);
        }
    }
}
