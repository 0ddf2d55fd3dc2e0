namespace Inference.Sampling;

/// <summary>
/// Lets a sampler that cannot reach clean data serve trajectories that end there: it integrates the noisy part, and the step to clean data is one
/// evaluation, whose prediction is the result (DPM-Solver's <c>denoise_to_zero</c>, after Jolicoeur-Martineau et al. 2020, arXiv:2009.05475).
/// Trajectories that end above clean data are the sampler's alone.
/// </summary>
internal sealed class DenoiseToZero(ISampler sampler) : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        var (end, target) = trajectory.Steps[^1];
        if (!target.IsClean)
        {
            await sampler.SampleAsync(denoiser, x, trajectory, noise, observer, cancellationToken);
            return;
        }

        using var clean = Latent.Rent(x.Shape);
        var last = trajectory.Steps.Length - 1;
        if (last > 0)
        {
            var noisy = new Trajectory(trajectory.Steps[..last], trajectory.InitialScale, trajectory.Schedule) { Skipped = trajectory.Skipped, LeftOut = trajectory.LeftOut };
            await sampler.SampleAsync(denoiser, x, noisy, noise, observer, cancellationToken);
        }
        await denoiser.DenoiseAsync(x, end.InStage(last, 0), clean, cancellationToken);
        x.Set(target.Alpha * clean);
        observer.OnState(last, 0, x, clean);
    }
}
