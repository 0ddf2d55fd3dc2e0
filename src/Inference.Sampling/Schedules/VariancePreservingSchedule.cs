namespace Inference.Sampling;

/// <summary>
/// A discrete variance-preserving process: α_t = √ᾱ_t, σ_t = √(1-ᾱ_t) at timesteps 0..T-1. Between timesteps the two directions follow
/// diffusers and are not inverse to each other: t → κ is linear in κ = σ/α, κ → t is linear in ln κ.
/// </summary>
public sealed class VariancePreservingSchedule : INoiseSchedule
{
    private readonly double[] _alphasCumprod;
    private readonly double[] _kappas;
    private readonly double[] _logKappas;

    /// <param name="alphasCumprod">ᾱ_t, falling with t, in [0, 1].</param>
    /// <exception cref="ArgumentException">Fewer than two timesteps.</exception>
    public VariancePreservingSchedule(double[] alphasCumprod)
    {
        if (alphasCumprod.Length < 2)
            throw new ArgumentException("A schedule needs at least two timesteps.", nameof(alphasCumprod));
        _alphasCumprod = alphasCumprod;
        _kappas = Array.ConvertAll(alphasCumprod, a => Math.Sqrt((1 - a) / a));
        _logKappas = Array.ConvertAll(_kappas, Math.Log);
    }

    /// <summary>Number of timesteps T.</summary>
    public int Count => _alphasCumprod.Length;

    /// <summary>ᾱ by timestep.</summary>
    public ReadOnlySpan<double> AlphasCumprod => _alphasCumprod;

    /// <summary>κ = σ/α by timestep.</summary>
    public ReadOnlySpan<double> Kappas => _kappas;

    /// <summary>ln κ by timestep.</summary>
    public ReadOnlySpan<double> LogKappas => _logKappas;

    /// <summary>The level of the table at an integer timestep.</summary>
    public NoiseLevel At(int timestep)
    {
        var a = _alphasCumprod[timestep];
        return new(Math.Sqrt(a), Math.Sqrt(1 - a)) { Timestep = timestep };
    }

    public NoiseLevel At(double timestep) =>
        timestep == Math.Floor(timestep) ? At((int)timestep) : FromKappa(KappaAt(timestep), timestep);

    /// <summary>κ at a timestep, linear between timesteps, clamped to the table.</summary>
    public double KappaAt(double timestep)
    {
        var t = Math.Clamp(timestep, 0, Count - 1);
        var low = Math.Min((int)t, Count - 2);
        return t == low ? _kappas[low]
            : t == low + 1 ? _kappas[low + 1]
            : _kappas[low] + (_kappas[low + 1] - _kappas[low]) * (t - low);
    }

    public double TimestepAt(double kappa)
    {
        var log = Math.Log(Math.Max(kappa, 1e-10));
        var found = Array.BinarySearch(_logKappas, log);
        var low = Math.Clamp(found >= 0 ? found : ~found - 1, 0, Count - 2);
        var w = Math.Clamp((_logKappas[low] - log) / (_logKappas[low] - _logKappas[low + 1]), 0, 1);
        return (1 - w) * low + w * (low + 1);
    }

    /// <summary>The variance-preserving level of a noise-to-signal ratio.</summary>
    public static NoiseLevel FromKappa(double kappa, double timestep)
    {
        var alpha = 1 / Math.Sqrt(kappa * kappa + 1);
        return new(alpha, kappa * alpha) { Timestep = timestep };
    }
}
