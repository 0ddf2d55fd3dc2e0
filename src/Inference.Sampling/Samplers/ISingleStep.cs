namespace Inference.Sampling;

/// <summary>
/// One step of a sampler without history, taken apart: the map x → x' for given predicted data, and the noise added to it. The sampler's own loop takes the
/// same steps, so what iterates them in parallel has the sampler's result as its fixed point.
/// </summary>
internal interface ISingleStep
{
    /// <summary>The new state without its noise.</summary>
    /// <param name="step">From which level to which; the steps of coarse solvers span several of a trajectory.</param>
    /// <param name="x">The state at its start.</param>
    /// <param name="clean">The clean data predicted there; may be clipped in place.</param>
    /// <param name="buffer">Working memory, which the result may refer to; none of the others.</param>
    Combination Advance(TrajectoryStep step, Latent x, Latent clean, Latent buffer);

    /// <summary>Standard deviation of the noise that the step adds; 0 where it adds none.</summary>
    double Deviation(TrajectoryStep step);

    /// <summary>Why the steps cannot be taken one by one with the sampler's options, for the message that refuses it; null where they can.</summary>
    string? WhyNotAlone => null;
}
