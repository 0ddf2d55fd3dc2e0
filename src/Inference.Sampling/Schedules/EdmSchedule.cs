namespace Inference.Sampling;

/// <summary>Variance-exploding noise with the network conditioned on c_noise = ¼ ln σ (Karras et al. 2022, arXiv:2206.00364, table 1).</summary>
public sealed class EdmSchedule : INoiseSchedule
{
    public NoiseLevel At(double timestep) => new(1, Math.Exp(4 * timestep)) { Timestep = timestep };

    public double TimestepAt(double kappa) => 0.25 * Math.Log(kappa);
}
