namespace Inference.Sampling;

/// <summary>How an Adams-Bashforth method in ρ = σ/α weighs the noise predictions it remembers.</summary>
internal interface IAdamsBashforthWeights
{
    /// <summary>Writes C_i = ∫ ℓ_i dρ from nodes[0] to <paramref name="to"/>, where ℓ_i is the basis function that belongs to node i.</summary>
    /// <param name="nodes">Levels of the evaluations, newest first; the step starts at the first. At least two, all with α &gt; 0.</param>
    /// <param name="to">Level where the step ends.</param>
    /// <param name="schedule">The model's schedule, for weights that depend on model time.</param>
    /// <param name="weights">One weight a node, in units of ρ; they sum to the length of the step.</param>
    void Fill(ReadOnlySpan<NoiseLevel> nodes, NoiseLevel to, INoiseSchedule schedule, Span<double> weights);
}
