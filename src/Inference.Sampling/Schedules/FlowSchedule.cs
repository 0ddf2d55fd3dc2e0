namespace Inference.Sampling;

/// <summary>Rectified flow (Liu et al. 2022, arXiv:2209.03003): x = (1-s)·x0 + s·ε, conditioned on T·s.</summary>
/// <param name="trainTimesteps">T, the timestep of pure noise (1000).</param>
public sealed class FlowSchedule(int trainTimesteps) : INoiseSchedule
{
    public NoiseLevel At(double timestep) => FromSigma(timestep / trainTimesteps, timestep);

    public double TimestepAt(double kappa) => double.IsPositiveInfinity(kappa) ? trainTimesteps : trainTimesteps * (kappa / (1 + kappa));

    /// <summary>The level at noise share s.</summary>
    public static NoiseLevel FromSigma(double s, double timestep) => new(1 - s, s) { Timestep = timestep };
}
