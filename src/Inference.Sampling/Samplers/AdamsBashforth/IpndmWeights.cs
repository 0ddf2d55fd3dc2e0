namespace Inference.Sampling;

/// <summary>
/// iPNDM: the classical Adams-Bashforth weights whatever the spacing (Liu et al. 2022, arXiv:2202.09778, eq. 12, with lower orders instead of
/// Runge-Kutta for the first steps; Zhang &amp; Chen 2023, arXiv:2204.13902, appendix). Of design order on a grid uniform in ρ, of order 2 on any
/// smooth grid.
/// </summary>
internal sealed class IpndmWeights : IAdamsBashforthWeights
{
    public void Fill(ReadOnlySpan<NoiseLevel> nodes, NoiseLevel to, INoiseSchedule schedule, Span<double> weights)
    {
        ReadOnlySpan<double> fixedWeights = nodes.Length switch
        {
            2 => [3.0 / 2, -1.0 / 2],
            3 => [23.0 / 12, -16.0 / 12, 5.0 / 12],
            4 => [55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24],
            _ => throw new ArgumentOutOfRangeException(nameof(nodes), nodes.Length, "iPNDM combines 2 to 4 evaluations."),
        };
        var step = to.Kappa - nodes[0].Kappa;
        for (var i = 0; i < weights.Length; i++)
            weights[i] = step * fixedWeights[i];
    }
}
