namespace Inference.Sampling;

/// <summary>
/// The midpoint rule at the geometric mean of two noise levels, after DPM-Solver-2 (k-diffusion, <c>sample_dpm_2</c>; diffusers, KDPM2), with
/// optional churn as in Karras et al. 2022, arXiv:2206.00364, Algorithm 2. A step to clean data, or from pure noise, which has no such mean,
/// is an Euler step.
/// </summary>
internal sealed class Kdpm2 : ISampler
{
    private readonly ChurnOptions _churn;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public Kdpm2(ChurnOptions churn)
    {
        churn.Validate();
        _churn = churn;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var middle = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var hat = _churn.Raise(from.InStage(i, 0), trajectory);
            _churn.Perturb(x, from, hat, noise, i + 1, middle);

            await denoiser.DenoiseAsync(x, hat, clean, cancellationToken);
            if (to.IsClean || hat.Alpha == 0)
            {
                x.Set(FirstOrder.Step(x, clean, hat, to));
                observer.OnState(i, 0, x, clean);
                continue;
            }

            var mid = trajectory.LevelAt(Math.Sqrt(hat.Kappa * to.Kappa)).InStage(i, 1);
            middle.Set(FirstOrder.Step(x, clean, hat, mid));
            observer.OnState(i, 0, middle, clean);

            await denoiser.DenoiseAsync(middle, mid, clean, cancellationToken);
            var n = (middle - mid.Alpha * clean) / mid.Sigma;
            x.Set(x + (to.Alpha - hat.Alpha) * (Combination)clean + (to.Sigma - hat.Sigma) * n);
            observer.OnState(i, 1, x, clean);
        }
    }
}
