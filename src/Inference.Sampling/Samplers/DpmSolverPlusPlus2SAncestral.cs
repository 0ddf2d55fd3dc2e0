namespace Inference.Sampling;

/// <summary>
/// Ancestral DPM-Solver++(2S) (Lu et al. 2022, arXiv:2211.01095, Algorithm 1 with r = 1/2; k-diffusion, <c>sample_dpmpp_2s_ancestral</c>): a
/// second-order step in λ to the level below the target, then noise back up. A step to clean data or from pure noise is of first order.
/// </summary>
internal sealed class DpmSolverPlusPlus2SAncestral : ISampler
{
    private readonly AncestralOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverPlusPlus2SAncestral(AncestralOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var u = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var (down, up) = AncestralStep.Between(from, to, _options.Eta);

            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            var stage = 0;
            if (!down.IsClean && from.Alpha > 0)
            {
                var s = trajectory.LevelAt(Math.Sqrt(from.Kappa * down.Kappa)).InStage(i, 1);
                u.Set(FirstOrder.Step(x, clean, from, s));
                observer.OnState(i, 0, u, clean);
                await denoiser.DenoiseAsync(u, s, clean, cancellationToken);
                stage = 1;
            }
            x.Set(FirstOrder.Step(x, clean, from, down));
            if (up > 0)
            {
                noise.Fill(i + 1, u);
                x.Set(x + _options.NoiseScale * up * u);
            }
            observer.OnState(i, stage, x, clean);
        }
    }
}
