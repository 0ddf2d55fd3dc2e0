namespace Inference.Sampling;

/// <summary>
/// RES, multistep of order 2 (Zhang, Song &amp; Chen 2023, arXiv:2308.02157, "Refined Exponential Solver"): with c = (λ_previous - λ_s)/h,
/// b₂ = φ₂(-h)/c and b₁ = φ₁(-h) - b₂, x_t = (σ_t/σ_s) x + α_t h (b₁ x̂_s + b₂ x̂_previous).
/// </summary>
internal sealed class ResMultistep : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var history = new EvaluationHistory(2, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, history.Slot, cancellationToken);
            history.Push(s);

            // α_t h φ₁(-h) = α_t - α_s σ_t/σ_s, which stays finite at both ends.
            var first = t.Sigma / s.Sigma * x + (t.Alpha - s.Alpha * t.Sigma / s.Sigma) * history[0];
            x.Set(first + SecondOrder(history, t));
            observer.OnState(i, 0, x, history[0]);
        }
    }

    /// <summary>α_t h b₂ (x̂_previous - x̂_s); nothing where there is no history, or h is infinite.</summary>
    private static Combination SecondOrder(EvaluationHistory history, NoiseLevel t)
    {
        if (history.Count < 2 || t.IsClean)
            return default;
        var s = history.Levels[0];
        var h = t.Lambda - s.Lambda;
        var b2 = h * Phi.Of(2, -h) / (history.Levels[1].Lambda - s.Lambda);
        return t.Alpha * h * b2 * (history[1] - history[0]);
    }
}
