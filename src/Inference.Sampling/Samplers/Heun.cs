namespace Inference.Sampling;

/// <summary>
/// Heun's method with optional churn: Karras et al. 2022, arXiv:2206.00364, Algorithm 2. The probability-flow ODE is dx = D·dα + n·dσ with
/// n = (x - α·D)/σ in every scaling; a step is the trapezoidal rule for it. A step to clean data is an Euler step.
/// </summary>
internal sealed class Heun : ISampler
{
    private readonly ChurnOptions _churn;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public Heun(ChurnOptions churn)
    {
        churn.Validate();
        _churn = churn;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var predicted = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);
        using var clean2 = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var hat = _churn.Raise(from.InStage(i, 0), trajectory);
            _churn.Perturb(x, from, hat, noise, i + 1, predicted);

            await denoiser.DenoiseAsync(x, hat, clean, cancellationToken);
            predicted.Set(FirstOrder.Step(x, clean, hat, to));
            observer.OnState(i, 0, predicted, clean);
            if (to.IsClean)
            {
                x.Set(predicted);
                continue;
            }

            await denoiser.DenoiseAsync(predicted, to.InStage(i, 1), clean2, cancellationToken);
            var n = (x - hat.Alpha * clean) / hat.Sigma;
            var n2 = (predicted - to.Alpha * clean2) / to.Sigma;
            x.Set(x + (to.Alpha - hat.Alpha) / 2 * (clean + clean2) + (to.Sigma - hat.Sigma) / 2 * (n + n2));
            observer.OnState(i, 1, x, clean2);
        }
    }
}
