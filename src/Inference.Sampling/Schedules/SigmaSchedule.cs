namespace Inference.Sampling;

/// <summary>Variance-exploding noise with the network conditioned on σ itself (k-diffusion's denoisers).</summary>
public sealed class SigmaSchedule : INoiseSchedule
{
    public NoiseLevel At(double timestep) => new(1, timestep) { Timestep = timestep };

    public double TimestepAt(double kappa) => kappa;
}
