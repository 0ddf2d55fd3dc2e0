namespace Inference.Sampling;

/// <summary>
/// Euler's method for the probability-flow ODE with optional churn: Karras et al. 2022, arXiv:2206.00364, Algorithm 2 without the correction.
/// In any scaling the step is <see cref="FirstOrder"/>.
/// </summary>
internal sealed class Euler : ISampler, ISingleStep
{
    private readonly ChurnOptions _churn;
    private readonly IPrediction? _evaluatedBefore;

    /// <param name="churn">Noise added before steps.</param>
    /// <param name="evaluatedBefore">What the network predicts, to churn as diffusers' EulerDiscrete and EDMEuler do: the network is evaluated before
    /// the noise is added and its output is taken to hold for the noisier state. Null (as the paper): it is evaluated after.</param>
    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public Euler(ChurnOptions churn, IPrediction? evaluatedBefore = null)
    {
        churn.Validate();
        (_churn, _evaluatedBefore) = (churn, evaluatedBefore);
    }

    public string? WhyNotAlone => _churn.Amount > 0 ? "s_churn adds noise to a state before it is evaluated" : null;

    public Combination Advance(TrajectoryStep step, Latent x, Latent clean, Latent buffer) => FirstOrder.Step(x, clean, step.From, step.To);

    public double Deviation(TrajectoryStep step) => 0;

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var buffer = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            from = from.InStage(i, 0);
            var hat = _churn.Raise(from, trajectory);
            if (_evaluatedBefore is { } prediction)
            {
                await denoiser.DenoiseAsync(x, from, clean, cancellationToken);
                Restate(prediction, from, hat, x, clean, noise, i + 1, buffer);
            }
            else
            {
                _churn.Perturb(x, from, hat, noise, i + 1, buffer);
                await denoiser.DenoiseAsync(x, hat, clean, cancellationToken);
            }
            x.Set(FirstOrder.Step(x, clean, hat, to));
            observer.OnState(i, 0, x, clean);
        }
    }

    // The network output F behind D(x) = skip·x + out·F is kept while x is perturbed. diffusers reads a v output at the level before.
    private void Restate(IPrediction prediction, NoiseLevel from, NoiseLevel hat, Latent x, Latent clean, INoise noise, int draw, Latent buffer)
    {
        if (hat.Sigma == from.Sigma)
            return;
        var before = prediction.At(from);
        var after = prediction.At(prediction == Predictions.V ? from : hat);
        clean.Set((clean - before.Skip * x) / before.Out);
        _churn.Perturb(x, from, hat, noise, draw, buffer);
        clean.Set(after.Skip * x + after.Out * clean);
    }
}
