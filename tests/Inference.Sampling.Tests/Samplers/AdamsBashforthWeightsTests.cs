namespace Inference.Sampling.Tests;

public sealed class AdamsBashforthWeightsTests
{
    private static readonly double[] _kappas = [1.1, 1.9, 2.6, 4.2];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void On_a_uniform_grid_variable_step_weights_are_the_classical_ones(int nodes)
    {
        NoiseLevel[] levels = [.. Enumerable.Range(0, nodes).Select(i => Orders.Schedule.Level(2 + 0.5 * i))];
        var to = Orders.Schedule.Level(1.5);
        var (rho, ipndm) = (new double[nodes], new double[nodes]);
        new RhoWeights().Fill(levels, to, Orders.Schedule, rho);
        new IpndmWeights().Fill(levels, to, Orders.Schedule, ipndm);
        for (var i = 0; i < nodes; i++)
            Assert.Equal(ipndm[i], rho[i], 1e-12);
        // 3/2, 23/12 and 55/24 of the step lead.
        Assert.Equal(-0.5 * nodes switch { 2 => 3 / 2.0, 3 => 23 / 12.0, _ => 55 / 24.0 }, ipndm[0], 1e-12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Rho_weights_integrate_polynomials_in_rho_exactly(int nodes)
    {
        var weights = new double[nodes];
        new RhoWeights().Fill(Levels(nodes), Orders.Schedule.Level(0.4), Orders.Schedule, weights);
        for (var power = 0; power < nodes; power++)
        {
            var sum = Enumerable.Range(0, nodes).Sum(i => weights[i] * Math.Pow(_kappas[i], power));
            Assert.Equal((Math.Pow(0.4, power + 1) - Math.Pow(_kappas[0], power + 1)) / (power + 1), sum, 1e-10);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Time_weights_integrate_polynomials_in_time_exactly(int nodes)
    {
        var weights = new double[nodes];
        new TimeWeights().Fill(Levels(nodes), Orders.Schedule.Level(0.4), Orders.Schedule, weights);
        for (var power = 0; power < nodes; power++)
        {
            var sum = Enumerable.Range(0, nodes).Sum(i => weights[i] * Math.Pow(Orders.Schedule.TimestepAt(_kappas[i]), power));
            // ∫ τ(ρ)^power dρ by the midpoint rule.
            const int Points = 200_000;
            var width = (0.4 - _kappas[0]) / Points;
            var integral = Enumerable.Range(0, Points).Sum(n => width * Math.Pow(Orders.Schedule.TimestepAt(_kappas[0] + (n + 0.5) * width), power));
            Assert.Equal(integral, sum, 1e-8);
        }
    }

    [Fact]
    public void Accelerated_ddim_has_the_coefficient_of_the_paper()
    {
        NoiseLevel[] levels = Levels(2);
        var to = Orders.Schedule.Level(0.4);
        var weights = new double[2];
        new AcceleratedDdimWeights().Fill(levels, to, Orders.Schedule, weights);

        // Eq. 10 as printed: c_t with ᾱ of the steps t+1, t, t-1.
        double Bar(NoiseLevel level) => level.Alpha * level.Alpha;
        var (older, now, next) = (Bar(levels[1]), Bar(levels[0]), Bar(to));
        var c = Math.Sqrt(next) / (now - older)
            * (now * Math.Sqrt(1 - next) / Math.Sqrt(next) + Math.Asin(Math.Sqrt(next)) - now * Math.Sqrt(1 - now) / Math.Sqrt(now) - Math.Asin(Math.Sqrt(now)));
        Assert.Equal(c, to.Alpha * weights[1], 1e-12);
        Assert.Equal(to.Kappa - levels[0].Kappa, weights[0] + weights[1], 1e-12);
    }

    private static NoiseLevel[] Levels(int count) => [.. _kappas.Take(count).Select(Orders.Schedule.Level)];
}
