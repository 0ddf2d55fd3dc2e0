namespace Inference.Sampling;

/// <summary>Another sampler over the noisy part of the trajectory, then one evaluation at its last level, whose predicted clean data is the result
/// (DPM-Solver's <c>denoise_to_zero</c>, after Jolicoeur-Martineau et al. 2020, arXiv:2009.05475). With it samplers that cannot reach clean data
/// serve trajectories that end there, without an evaluation more than such a trajectory has steps.</summary>
internal sealed class DenoiseToZero(ISampler sampler) : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        var last = trajectory.Steps[^1];
        var (steps, end) = last.To.IsClean ? (trajectory.Steps[..^1], last.From) : (trajectory.Steps, last.To);
        if (steps.Length > 0)
        {
            var noisy = new Trajectory(steps, trajectory.InitialScale, trajectory.Schedule) { Skipped = trajectory.Skipped };
            await sampler.SampleAsync(denoiser, x, noisy, noise, observer, cancellationToken);
        }

        await denoiser.DenoiseAsync(x, end.InStage(steps.Length, 0), clean, cancellationToken);
        x.Set(clean);
        observer.OnState(steps.Length, 0, x, clean);
    }

    /// <summary>Evaluations where the sampler makes one for each step.</summary>
    public static int? Evaluations(Trajectory trajectory) => trajectory.Steps.Length + (trajectory.Steps[^1].To.IsClean ? 0 : 1);
}
