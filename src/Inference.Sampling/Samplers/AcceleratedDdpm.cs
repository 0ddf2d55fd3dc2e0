namespace Inference.Sampling;

/// <summary>
/// Accelerated DDPM (Li et al. 2024, arXiv:2403.03852, eq. 13): noise is added in two halves, before and after the score is evaluated, which
/// makes the weak order 2 without history or further evaluations. In variance-preserving scale, with a = ᾱ_s/ᾱ_t,
/// Y⁺ = Y + √((1-a)/2) z, Y_t = [Y⁺ + (1-a) s(Y⁺) + √((1-a)/2) z⁺] / √a. The second noise stands inside the bracket; outside, the order is 1.
/// </summary>
internal sealed class AcceleratedDdpm : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var z = Latent.Rent(x.Shape);
        using var clean = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            var (scale, alpha, sigma) = VariancePreserving(s);
            var a = Square(alpha / VariancePreserving(t).Alpha);
            // The result is the prediction itself: noise of the last step would stay in it. From pure noise the step is the posterior of DDPM.
            var half = t.IsClean || a == 0 ? 0 : Math.Sqrt((1 - a) / 2);

            if (half > 0)
            {
                noise.Fill(2 * i + 1, z);
                x.Set(x + scale * half * z);
            }
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);

            if (t.IsClean)
                x.Set(clean);
            else
            {
                noise.Fill(2 * i + 2, z);
                // The score is (α x̂ - Y⁺)/σ².
                var score = (alpha * clean - x / scale) / Square(sigma);
                x.Set(a == 0
                    ? t.Alpha * clean + t.Sigma * z
                    : VariancePreserving(t).Scale / Math.Sqrt(a) * (x / scale + (1 - a) * score + half * z));
            }
            observer.OnState(i, 0, x, clean);
        }
    }

    private static (double Scale, double Alpha, double Sigma) VariancePreserving(NoiseLevel level)
    {
        var scale = Math.Sqrt(Square(level.Alpha) + Square(level.Sigma));
        return (scale, level.Alpha / scale, level.Sigma / scale);
    }

    private static double Square(double value) => value * value;
}
