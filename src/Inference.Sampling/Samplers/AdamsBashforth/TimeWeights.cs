namespace Inference.Sampling;

/// <summary>
/// tAB-DEIS: ε as the polynomial in the model's time through the latest evaluations, C_i = ∫ ℓ_i(τ(ρ)) dρ by quadrature (Zhang &amp; Chen 2023,
/// arXiv:2204.13902, eq. 15, tAB).
/// </summary>
internal sealed class TimeWeights : IAdamsBashforthWeights
{
    private const int Intervals = 200;

    public void Fill(ReadOnlySpan<NoiseLevel> nodes, NoiseLevel to, INoiseSchedule schedule, Span<double> weights)
    {
        // Times come from ρ, not from the level: a trajectory may round the timesteps that it shows to the network.
        Span<double> times = stackalloc double[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            times[i] = schedule.TimestepAt(nodes[i].Kappa);

        // Simpson's rule in ln ρ, in which time is close to linear.
        var start = Math.Log(nodes[0].Kappa);
        var width = (Math.Log(to.Kappa) - start) / Intervals;
        weights.Clear();
        for (var n = 0; n <= Intervals; n++)
        {
            var rho = Math.Exp(start + n * width);
            var simpson = width / 3 * (n is 0 or Intervals ? 1 : n % 2 == 1 ? 4 : 2);
            var time = schedule.TimestepAt(rho);
            for (var i = 0; i < weights.Length; i++)
                weights[i] += simpson * rho * Lagrange.Evaluate(times, i, time);
        }
    }
}
