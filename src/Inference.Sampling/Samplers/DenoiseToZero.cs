namespace Inference.Sampling;

/// <summary>Another sampler followed by one evaluation at its last level, whose predicted clean data is the result (DPM-Solver's
/// <c>denoise_to_zero</c>, after Jolicoeur-Martineau et al. 2020, arXiv:2009.05475). Nothing is added where the trajectory ends clean.</summary>
internal sealed class DenoiseToZero(ISampler sampler) : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        await sampler.SampleAsync(denoiser, x, trajectory, noise, observer, cancellationToken);
        var end = trajectory.Steps[^1].To;
        if (end.IsClean)
            return;
        using var clean = Latent.Rent(x.Shape);
        await denoiser.DenoiseAsync(x, end.InStage(trajectory.Steps.Length, 0), clean, cancellationToken);
        x.Set(clean);
        observer.OnState(trajectory.Steps.Length, 0, x, clean);
    }
}
