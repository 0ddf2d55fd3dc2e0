namespace Inference.Sampling;

/// <summary>The noise process a network was trained on: which α and σ belong to a timestep, and which timestep to a noise-to-signal ratio.</summary>
public interface INoiseSchedule
{
    /// <summary>The level at a timestep, which may be fractional.</summary>
    NoiseLevel At(double timestep);

    /// <summary>The timestep at which σ/α = <paramref name="kappa"/>.</summary>
    double TimestepAt(double kappa);
}
