using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Samplers against formulas written down independently of them.</summary>
public sealed class ClosedFormTests
{
    private static readonly LatentShape _shape = new(1, 2, 2);
    private static readonly NoiseLevel _s = Orders.Schedule.Level(3);
    private static readonly NoiseLevel _t = Orders.Schedule.Level(1.2);

    [Fact]
    public async Task Sa_solver_of_order_1_at_tau_1_is_ddpm()
    {
        var (x, clean, z, result) = await StepAsync(new SaSolver(new(1, 0, 1, 0, double.PositiveInfinity)), _s, _t);

        // Ho et al. 2020, eq. 7, in the cumulative products.
        var (barS, barT) = (_s.Alpha * _s.Alpha, _t.Alpha * _t.Alpha);
        var beta = 1 - barS / barT;
        for (var i = 0; i < x.Length; i++)
        {
            var mean = Math.Sqrt(barT) * beta / (1 - barS) * clean[i] + Math.Sqrt(1 - beta) * (1 - barT) / (1 - barS) * x[i];
            Assert.Equal(mean + Math.Sqrt(beta * (1 - barT) / (1 - barS)) * z[i], result[i], 1e-6);
        }
    }

    [Fact]
    public async Task Sa_solver_injects_noise_only_inside_its_range()
    {
        var (_, _, z, inside) = await StepAsync(new SaSolver(new(1, 0, 1, 2, 4)), _s, _t);
        var (x, clean, _, below) = await StepAsync(new SaSolver(new(1, 0, 1, 0, 2)), _s, _t);
        for (var i = 0; i < x.Length; i++)
            Assert.Equal(_t.Sigma / _s.Sigma * x[i] + (_t.Alpha - _s.Alpha * _t.Sigma / _s.Sigma) * clean[i], below[i], 1e-6);
        Assert.NotEqual(below, inside);
        Assert.NotEqual(0, z[0]);
    }

    [Fact]
    public async Task Er_sde_of_one_stage_follows_its_formula()
    {
        var (x, clean, z, result) = await StepAsync(new ErSde(1), _s, _t);
        static double Scale(double rho) => rho * (Math.Exp(Math.Pow(rho, 0.3)) + 10);
        var r = Scale(_t.Kappa) / Scale(_s.Kappa);
        for (var i = 0; i < x.Length; i++)
        {
            var expected = _t.Alpha / _s.Alpha * r * x[i] + _t.Alpha * (1 - r) * clean[i]
                + _t.Alpha * Math.Sqrt(_t.Kappa * _t.Kappa - _s.Kappa * _s.Kappa * r * r) * z[i];
            Assert.Equal(expected, result[i], 1e-6);
        }
    }

    [Theory]
    [InlineData("scm")]
    [InlineData("rcm")]
    [InlineData("dmd2")]
    public async Task Few_step_rules(string rule)
    {
        // sCM: angles of TrigFlow. rCM: the same angles as flow levels t = sin θ/(sin θ + cos θ). DMD2: variance-preserving timesteps.
        var (theta, next) = (1.5, 1.3);
        NoiseLevel Flow(double angle)
        {
            var t = Math.Sin(angle) / (Math.Sin(angle) + Math.Cos(angle));
            return new(1 - t, t);
        }
        var (s, t) = rule switch
        {
            "scm" => (new NoiseLevel(Math.Cos(theta), Math.Sin(theta)), new NoiseLevel(Math.Cos(next), Math.Sin(next))),
            "rcm" => (Flow(theta), Flow(next)),
            _ => (_s, _t),
        };
        var (x, clean, z, result) = await StepAsync(new RenoisedPrediction(), s, t);
        for (var i = 0; i < x.Length; i++)
        {
            // The rules as published, on the network's own output: F = v of TrigFlow, flow velocity, noise.
            var expected = rule switch
            {
                "scm" => TrigFlow(x[i], clean[i], z[i], theta, next),
                "rcm" => (1 - t.Sigma) * (x[i] - s.Sigma * ((x[i] - clean[i]) / s.Sigma)) + t.Sigma * z[i],
                _ => t.Alpha * (x[i] - s.Sigma * ((x[i] - s.Alpha * clean[i]) / s.Sigma)) / s.Alpha + t.Sigma * z[i],
            };
            Assert.Equal(expected, result[i], 1e-6);
        }

        static double TrigFlow(double x, double clean, double z, double theta, double next)
        {
            var f = (Math.Cos(theta) * x - clean) / Math.Sin(theta);
            return Math.Cos(next) * (Math.Cos(theta) * x - Math.Sin(theta) * f) + Math.Sin(next) * z;
        }
    }

    [Fact]
    public async Task DualFast_replaces_the_noise_by_its_extrapolation()
    {
        var trajectory = Orders.Schedule.Through(10, 3, 1.2);
        var observer = new RecordingObserver();
        using var x = Latent.From(_shape, [1f, -2, 0.5f, 3]);
        await new DualFast(0.25, 1).SampleAsync(
            new MixtureDenoiser(Orders.Mixture), x, trajectory, new UnitNoise(), observer, CancellationToken.None);

        var (first, second) = (observer.States[0], observer.States[1]);
        var (r, s, t) = (trajectory.Steps[0].From, trajectory.Steps[1].From, trajectory.Steps[1].To);
        float[] start = [1, -2, 0.5f, 3];
        for (var i = 0; i < _shape.Length; i++)
        {
            var older = (start[i] - r.Alpha * first.Clean[i]) / r.Sigma;
            var newer = (first.X[i] - s.Alpha * second.Clean[i]) / s.Sigma;
            var epsilon = 1.25 * newer - 0.25 * older;
            Assert.Equal(t.Alpha * (first.X[i] - s.Sigma * epsilon) / s.Alpha + t.Sigma * epsilon, x.Values[i], 1e-5);
        }
    }

    /// <summary>One step from a fixed state: the state, the denoiser's answer, the noise of draw 1 and the result.</summary>
    private static async Task<(float[] X, float[] Clean, float[] Z, float[] Result)> StepAsync(ISampler sampler, NoiseLevel s, NoiseLevel t)
    {
        float[] start = [1f, -2, 0.5f, 3];
        var noise = new PhiloxNoise(5);
        var observer = new RecordingObserver();
        using var x = Latent.From(_shape, start);
        using var z = Latent.Rent(_shape);
        noise.Fill(1, z);
        await sampler.SampleAsync(
            new MixtureDenoiser(Orders.Mixture), x, new([new(s, t)], 1, Orders.Schedule), noise, observer, CancellationToken.None);
        return (start, observer.States[0].Clean, z.Values.ToArray(), x.Values.ToArray());
    }
}
