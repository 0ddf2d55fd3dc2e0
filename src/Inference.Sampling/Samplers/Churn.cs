namespace Inference.Sampling;

/// <summary>Raising the noise level before a step (Karras et al. 2022, arXiv:2206.00364, Algorithm 2, lines 4 to 6).</summary>
internal sealed record ChurnOptions
{
    /// <summary>No noise is added.</summary>
    public static ChurnOptions None { get; } = new();

    /// <summary>S_churn ≥ 0: the noise added over the whole run; 0 is off. A step raises its level by at most a factor √2.</summary>
    public double Amount { get; init; }

    /// <summary>S_tmin ≥ 0: only levels with σ/α of at least this are raised.</summary>
    public double Minimum { get; init; }

    /// <summary>S_tmax: only levels with σ/α of at most this are raised.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>S_noise ≥ 0: standard deviation of the noise that is added.</summary>
    public double NoiseScale { get; init; } = 1;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("s_churn", Amount, 0, double.MaxValue);
        Require.InRange("s_tmin", Minimum, 0, double.PositiveInfinity);
        Require.InRange("s_tmax", Maximum, Minimum, double.PositiveInfinity);
        Require.InRange("s_noise", NoiseScale, 0, double.MaxValue);
    }

    /// <summary>The raised level t̂ = (1 + γ)·t; the level itself where γ = 0.</summary>
    public NoiseLevel Raise(NoiseLevel level, Trajectory trajectory)
    {
        if (Amount == 0 || level.Kappa < Minimum || level.Kappa > Maximum)
            return level;
        var gamma = Math.Min(Amount / trajectory.TotalSteps, Math.Sqrt(2) - 1);
        return level with
        {
            Sigma = (1 + gamma) * level.Sigma,
            Timestep = trajectory.Schedule.TimestepAt((1 + gamma) * level.Kappa),
        };
    }

    /// <summary>Moves <paramref name="x"/> from its level to the raised one with draw number <paramref name="draw"/>.</summary>
    public void Perturb(Latent x, NoiseLevel level, NoiseLevel raised, INoise noise, int draw, Latent buffer)
    {
        if (raised.Sigma == level.Sigma)
            return;
        noise.Fill(draw, buffer);
        x.Set(x + NoiseScale * Math.Sqrt(raised.Sigma * raised.Sigma - level.Sigma * level.Sigma) * buffer);
    }
}
