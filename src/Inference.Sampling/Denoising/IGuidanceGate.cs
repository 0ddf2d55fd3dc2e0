namespace Inference.Sampling;

/// <summary>Decides at which noise levels a request is guided. Belongs to one request. Decides by level, not by counting calls, so that parallel
/// samplers may ask in any order.</summary>
internal interface IGuidanceGate
{
    /// <summary>Whether guidance is on at a level.</summary>
    bool IsOpen(NoiseLevel level);

    /// <summary>Sees both predictions of a guided evaluation.</summary>
    /// <param name="x">The state that was evaluated.</param>
    /// <param name="level">Its level.</param>
    /// <param name="preconditioning">What raw outputs mean at this level.</param>
    /// <param name="conditional">Raw output for the prompt.</param>
    /// <param name="unconditional">Raw output for the negative prompt.</param>
    void Observe(Latent x, NoiseLevel level, Preconditioning preconditioning, Latent conditional, Latent unconditional);
}
