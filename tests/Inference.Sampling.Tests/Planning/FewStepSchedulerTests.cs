namespace Inference.Sampling.Tests;

/// <summary>The levels of few-step models, as their authors give them.</summary>
public sealed class FewStepSchedulerTests
{
    private const string StableDiffusion = """{ "_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }""";

    [Theory]
    [InlineData(4, 999, 749, 499, 249)]
    [InlineData(2, 999, 499)]
    [InlineData(1, 399)]
    public void Dmd2_visits_its_timesteps(int steps, params int[] timesteps)
    {
        var trajectory = Plan(StableDiffusion, "dmd2", steps).Trajectory;
        Assert.Equal(timesteps, trajectory.Steps.Select(step => (int)step.From.Timestep));
        Assert.True(trajectory.Steps[^1].To.IsClean);
    }

    [Fact]
    public void Rcm_visits_its_angles_as_a_flow()
    {
        var trajectory = Plan("""{ "_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 5.0 }""", "rcm", 4).Trajectory;
        double[] angles = [Math.Atan(80), 1.5, 1.4, 1.0];
        for (var i = 0; i < angles.Length; i++)
        {
            var level = trajectory.Steps[i].From;
            Assert.Equal(Math.Tan(angles[i]), level.Kappa, 1e-9 * level.Kappa);
            Assert.Equal(1, level.Alpha + level.Sigma, 1e-12);
            Assert.Equal(1000 * level.Sigma, level.Timestep, 1e-9);
        }
        Assert.Equal(trajectory.Steps[0].From.Sigma, trajectory.InitialScale);
        Assert.True(trajectory.Steps[^1].To.IsClean);
    }

    [Fact]
    public void A_larger_sigma_max_starts_rcm_higher() => Assert.Equal(
        1600, Plan("""{ "_class_name": "RCMScheduler", "sigma_max": 1600 }""", "rcm", 1).Trajectory.Steps[0].From.Kappa, 1e-6);

    [Fact]
    public void Rcm_defines_four_steps_at_most() => Assert.Equal(
        "steps", Assert.Throws<SamplingOptionException>(() => Plan("""{ "_class_name": "RCMScheduler" }""", "rcm", 5)).Parameter);

    [Fact]
    public void Rcm_is_not_shifted() => Assert.Equal(
        "flow_shift",
        Assert.Throws<SamplingOptionException>(() => Planner("""{ "_class_name": "RCMScheduler" }""").Plan(new() { Sampler = "rcm", Steps = 2, FlowShift = 3 })).Parameter);

    [Fact]
    public void Scm_visits_angles()
    {
        var plan = Plan("""{ "_class_name": "SCMScheduler", "sigma_data": 0.5 }""", "scm", 2);
        Assert.Equal([Math.PI / 2, 1.3], plan.Trajectory.Steps.Select(step => step.From.Timestep));
        Assert.Equal(Math.Cos(1.3), plan.Trajectory.Steps[1].From.Alpha);
        Assert.Equal(0.5 * Math.Sin(1.3), plan.Trajectory.Steps[1].From.Sigma);
        Assert.Equal(0.5, plan.Trajectory.InitialScale);
        Assert.Equal(5, Plan("""{ "_class_name": "SCMScheduler" }""", "scm", 5).Trajectory.Steps.Length);
    }

    [Fact]
    public void Trigflow_output_gives_the_clean_data()
    {
        // x0 = cos θ·x - sin θ·σ_d·F for x = cos θ·x0 + sin θ·σ_d·z, where F = cos θ·z - sin θ·x0/σ_d and the input is x/σ_d.
        const double sigmaData = 0.5;
        var (x0, z, theta) = (0.7, -1.1, 1.2);
        var level = new TrigFlowSchedule(sigmaData).At(theta);
        var f = Math.Cos(theta) * z - Math.Sin(theta) * x0 / sigmaData;
        foreach (var scale in (double[])[1, 3])
        {
            // The same point in another scaling, as α = 1 samplers have it.
            var scaled = level with { Alpha = scale * level.Alpha, Sigma = scale * level.Sigma };
            var x = scaled.Alpha * x0 + scaled.Sigma * z;
            var p = new TrigFlowPrediction(sigmaData).At(scaled);
            Assert.Equal(level.Alpha * x0 / sigmaData + Math.Sin(theta) * z, p.In * x, 1e-12);
            Assert.Equal(x0, p.Skip * x + p.Out * f, 1e-12);
        }
        Assert.Equal(theta, new TrigFlowSchedule(sigmaData).TimestepAt(level.Kappa), 1e-12);
    }

    [Theory]
    [InlineData("euler")]
    [InlineData("dmd2")]
    [InlineData("rcm")]
    public void A_trigflow_model_has_its_own_sampler_only(string sampler)
    {
        var exception = Assert.Throws<SamplingOptionException>(() => Plan("""{ "_class_name": "SCMScheduler" }""", sampler, 2));
        Assert.Contains("Allowed: scm", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_says_that_it_is_a_few_step_model()
    {
        foreach (var (name, id) in (ReadOnlySpan<(string, string)>)[("SCMScheduler", "scm"), ("RCMScheduler", "rcm"), ("DMD2Scheduler", "dmd2")])
            Assert.Equal(id, Planner($$"""{ "_class_name": "{{name}}" }""").Plan(new() { Steps = 2 }).Sampler.Id);
    }

    private static SamplingPlanner Planner(string config) => new(SchedulerConfig.Parse(config));

    private static SamplingPlan Plan(string config, string sampler, int steps) => Planner(config).Plan(new() { Sampler = sampler, Steps = steps });
}
