namespace Inference.Sampling;

/// <summary>TrigFlow (Lu &amp; Song 2024, arXiv:2410.11081, section 3): x = cos θ·x0 + sin θ·σ_d·z, conditioned on the angle θ.</summary>
/// <param name="sigmaData">σ_d, the standard deviation of the data, &gt; 0.</param>
public sealed class TrigFlowSchedule(double sigmaData) : INoiseSchedule
{
    public NoiseLevel At(double timestep)
    {
        var (sin, cos) = Math.SinCos(timestep);
        return new(cos, sigmaData * sin) { Timestep = timestep };
    }

    public double TimestepAt(double kappa) => Math.Atan(kappa / sigmaData);
}
