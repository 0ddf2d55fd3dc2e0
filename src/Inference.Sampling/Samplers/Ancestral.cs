namespace Inference.Sampling;

/// <summary>
/// The split of a step into a deterministic part down to a lower level and fresh noise back up (k-diffusion, <c>get_ancestral_step</c>;
/// at η = 1 the DDPM posterior). Written for κ = σ/α, so that it serves every scaling.
/// </summary>
/// <param name="Down">Where the deterministic part ends; its α is the target's.</param>
/// <param name="Up">Standard deviation of the noise that is added to x, in the scaling of the target.</param>
internal readonly record struct AncestralStep(NoiseLevel Down, double Up)
{
    /// <summary>The split for a step between two levels with noise scale <paramref name="eta"/>; the lower level keeps κ ≥ <paramref name="floor"/>.</summary>
    public static AncestralStep Between(NoiseLevel from, NoiseLevel to, double eta, double floor = 0)
    {
        var ratio = to.Kappa / from.Kappa;
        var up = Math.Min(1, eta * Math.Sqrt(Math.Max(0, 1 - ratio * ratio)));
        var down = Math.Sqrt(1 - up * up);
        if (down * to.Kappa < floor)
        {
            down = floor / to.Kappa;
            up = Math.Sqrt(1 - down * down);
        }
        return new(to with { Sigma = to.Sigma * down }, to.Sigma * up);
    }
}

/// <summary>Options of the ancestral samplers.</summary>
internal sealed record AncestralOptions
{
    /// <summary>η ≥ 0: 0 is deterministic, 1 the full posterior variance.</summary>
    public double Eta { get; init; } = 1;

    /// <summary>Factor ≥ 0 on the noise that is added.</summary>
    public double NoiseScale { get; init; } = 1;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("eta", Eta, 0, double.MaxValue);
        Require.InRange("s_noise", NoiseScale, 0, double.MaxValue);
    }
}
