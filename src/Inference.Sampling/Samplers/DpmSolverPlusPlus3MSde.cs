namespace Inference.Sampling;

/// <summary>
/// DPM-Solver++(3M) for the reverse-time SDE (k-diffusion, <c>sample_dpmpp_3m_sde</c>): as <see cref="DpmSolverPlusPlus2MSde"/>, with the
/// divided differences D1, D2 of the last three predictions. As in the reference D2 is half the second derivative, which limits the
/// deterministic method to order 2.
/// </summary>
internal sealed class DpmSolverPlusPlus3MSde : ISampler
{
    private readonly AncestralOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmSolverPlusPlus3MSde(AncestralOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var history = new EvaluationHistory(3, x.Shape);
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

        var h = t.Lambda - s.Lambda;
        var r0 = (s.Lambda - history.Levels[1].Lambda) / h;
        var d10 = (history[0] - history[1]) / r0;
        var phi2 = z * Phi.Of(2, -z);
        if (history.Count < 3)
            return step + t.Alpha * phi2 * d10;

        var r1 = (history.Levels[1].Lambda - history.Levels[2].Lambda) / h;
        var d11 = (history[1] - history[2]) / r1;
        var d1 = d10 + r0 / (r0 + r1) * (d10 - d11);
        var d2 = (d10 - d11) / (r0 + r1);
        var phi3 = -z * Phi.Of(3, -z);
        return step + t.Alpha * (phi2 * d1 - phi3 * d2);
    }
}
