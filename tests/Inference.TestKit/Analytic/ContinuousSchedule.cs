using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>A variance-preserving schedule in closed form, t from 0 to 1: ᾱ(t) = exp(-β₀t - (β₁-β₀)t²/2) (Song et al. 2021, arXiv:2011.13456, eq. 33).
/// Its range of σ/α is about that of Stable Diffusion.</summary>
public sealed class ContinuousSchedule : INoiseSchedule
{
    private const double Beta0 = 0.1;
    private const double Beta1 = 10.6;

    public NoiseLevel At(double timestep)
    {
        var logAlpha = -(Beta0 * timestep + (Beta1 - Beta0) * timestep * timestep / 2) / 2;
        return Level(Math.Sqrt(Math.Exp(-2 * logAlpha) - 1)) with { Timestep = timestep };
    }

    public double TimestepAt(double kappa)
    {
        var b = Math.Log(1 + kappa * kappa);
        return 2 * b / (Beta0 + Math.Sqrt(Beta0 * Beta0 + 2 * (Beta1 - Beta0) * b));
    }

    /// <summary>The variance-preserving level with σ/α = <paramref name="kappa"/>; infinity is pure noise.</summary>
    public NoiseLevel Level(double kappa)
    {
        var (sigma, alpha) = double.IsPositiveInfinity(kappa) ? (1, 0) : Math.SinCos(Math.Atan(kappa));
        return new(alpha, sigma) { Timestep = double.IsFinite(kappa) ? TimestepAt(kappa) : 1 };
    }

    /// <summary>A trajectory through the given values of σ/α.</summary>
    public Trajectory Through(params double[] kappas)
    {
        var steps = new TrajectoryStep[kappas.Length - 1];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = new(Level(kappas[i]) with { Step = i }, Level(kappas[i + 1]) with { Step = i + 1 });
        return new([.. steps], 1, this);
    }

    /// <summary>A trajectory of <paramref name="steps"/> steps, uniform in ln(σ/α).</summary>
    public Trajectory LogUniform(int steps, double from, double to) =>
        Through([.. Enumerable.Range(0, steps + 1).Select(i => Math.Exp(Math.Log(from) + i * (Math.Log(to) - Math.Log(from)) / steps))]);
}
