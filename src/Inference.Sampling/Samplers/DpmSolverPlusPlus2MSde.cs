namespace Inference.Sampling;

/// <summary>
/// DPM-Solver++(2M) for the reverse-time SDE (k-diffusion, <c>sample_dpmpp_2m_sde</c>, after Lu et al. 2022, arXiv:2211.01095, Algorithm 2):
/// exact for the linear part of the SDE with noise scale η; with z = (1+η)h the prediction has the weight α_t (1 - e^{-z}).
/// </summary>
internal sealed class DpmSolverPlusPlus2MSde : ISampler
{
    private readonly AncestralOptions _options;
    private readonly DpmFormula _formula;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverPlusPlus2MSde(AncestralOptions options, DpmFormula formula)
    {
        options.Validate();
        (_options, _formula) = (options, formula);
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var history = new EvaluationHistory(2, x.Shape);
        using var fresh = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s.InStage(i, 0), history.Slot, cancellationToken);
            history.Push(s);

            var up = SdeStep.NoiseScale(s, t, _options.Eta);
            if (up > 0)
                noise.Fill(i + 1, fresh);
            x.Set(Step(s, t, x, history) + _options.NoiseScale * up * fresh);
            observer.OnState(i, 0, x, history[0]);
        }
    }

    private Combination Step(NoiseLevel s, NoiseLevel t, Latent x, EvaluationHistory history)
    {
        var (lead, z) = SdeStep.Between(s, t, _options.Eta);
        var step = lead * x + t.Alpha * (1 - Math.Exp(-z)) * history[0];
        if (t.IsClean || history.Count < 2)
            return step;

        var r = (s.Lambda - history.Levels[1].Lambda) / (t.Lambda - s.Lambda);
        var weight = _formula == DpmFormula.Heun ? z * Phi.Of(2, -z) : (1 - Math.Exp(-z)) / 2;
        return step + t.Alpha * weight / r * (history[0] - history[1]);
    }
}
