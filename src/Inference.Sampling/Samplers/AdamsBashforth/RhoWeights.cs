namespace Inference.Sampling;

/// <summary>
/// ρAB-DEIS: ε as the polynomial in ρ = σ/α through the latest evaluations, integrated in closed form (Zhang &amp; Chen 2023, arXiv:2204.13902,
/// section 4, ρAB). These are the Adams-Bashforth weights for variable steps, so the method is iPNDM_v too.
/// </summary>
internal sealed class RhoWeights : IAdamsBashforthWeights
{
    public void Fill(ReadOnlySpan<NoiseLevel> nodes, NoiseLevel to, INoiseSchedule schedule, Span<double> weights)
    {
        // θ = (ρ - ρ_s)/(ρ_t - ρ_s) runs from 0 to 1, ∫ θ^j dθ = 1/(j + 1).
        var step = to.Kappa - nodes[0].Kappa;
        Span<double> theta = stackalloc double[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            theta[i] = (nodes[i].Kappa - nodes[0].Kappa) / step;

        Span<double> powers = stackalloc double[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            Lagrange.Expand(theta, i, powers);
            weights[i] = 0;
            for (var j = 0; j < powers.Length; j++)
                weights[i] += step * powers[j] / (j + 1);
        }
    }
}
