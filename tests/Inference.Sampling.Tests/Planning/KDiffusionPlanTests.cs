using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The samplers of k-diffusion and of the DPM-Solver authors on an ordinary variance-preserving model, as requests ask for them.</summary>
public class KDiffusionPlanTests
{
    private const double Mean = 0.8;
    private const double Deviation = 0.5;
    private const string Model = """
        { "_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1, "skip_prk_steps": true }
        """;

    private static readonly LatentShape _shape = new(4, 16, 16);

    private static readonly string[] _ids =
        ["dpmpp-2s-a", "dpmpp-sde", "dpmpp-2m-sde", "dpmpp-3m-sde", "dpm-fast", "dpm-adaptive", "dpm-solver-adaptive", "dpm-solver-singlestep"];

    public static TheoryData<string, string?, int> Cases
    {
        get
        {
            var data = new TheoryData<string, string?, int>();
            foreach (var id in _ids)
                foreach (var schedule in (string?[])[null, "karras", "exponential"])
                    foreach (var steps in (int[])[4, 30])
                        data.Add(id, schedule, steps);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Plan_IsRunAsAnnounced(string id, string? schedule, int steps)
    {
        var plan = new SamplingPlanner(SchedulerConfig.Parse(Model)).Plan(new() { Sampler = id, Schedule = schedule, Steps = steps });
        var (x, evaluations) = await RunAsync(plan);

        Assert.Equal(id, plan.Sampler.Id);
        if (id.EndsWith("adaptive", StringComparison.Ordinal))
            Assert.Null(plan.Evaluations);
        else
            Assert.Equal(plan.Evaluations, evaluations);
        Assert.All(x, value => Assert.True(float.IsFinite(value)));
        // Uniform timesteps end with a step so long in λ that multistep SDE methods extrapolate noise; they are made for other schedules.
        if (steps < 10 || (schedule is null && plan.Sampler is { NeedsHistory: true, IsStochastic: true }))
            return;
        // The data are Gaussian, and so is the result; 1024 values have a standard error of 2 % of the deviation.
        var mean = x.Average();
        Assert.Equal(Mean, mean, 0.08);
        Assert.Equal(Deviation, Math.Sqrt(x.Average(value => (value - mean) * (value - mean))), 0.08);
    }

    [Theory]
    [InlineData("dpm-fast", 1)]
    [InlineData("dpm-fast", 2)]
    [InlineData("dpm-adaptive", 1)]
    [InlineData("dpmpp-2m-sde", 1)]
    [InlineData("dpmpp-3m-sde", 2)]
    [InlineData("dpmpp-sde", 1)]
    public async Task FewSteps_GiveFiniteResults(string id, int steps)
    {
        var plan = new SamplingPlanner(SchedulerConfig.Parse(Model)).Plan(new() { Sampler = id, Steps = steps });
        var (x, _) = await RunAsync(plan);
        Assert.All(x, value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData("DPM++ 2M SDE Karras", "dpmpp-2m-sde", 14.6)]
    [InlineData("sample_dpmpp_3m_sde", "dpmpp-3m-sde", 14.6)]
    [InlineData("DPM++ 2S a", "dpmpp-2s-a", 14.6)]
    public void Aliases_AreUnderstood(string alias, string id, double largest)
    {
        var plan = new SamplingPlanner(SchedulerConfig.Parse(Model)).Plan(new() { Sampler = alias, Spacing = "linspace" });
        Assert.Equal(id, plan.Sampler.Id);
        Assert.Equal(largest, plan.Trajectory.Steps[0].From.Kappa, 0.1);
    }

    [Theory]
    [InlineData("euler", "eta", 1.0)]
    [InlineData("dpm-solver-singlestep", "eta", 1.0)]
    [InlineData("dpmpp-2m-sde", "solver_type", "dpmsolver")]
    [InlineData("dpm-adaptive", "order", 4)]
    [InlineData("dpmpp-sde", "r", 2.0)]
    [InlineData("dpmpp-2s-a", "eta", 1.5)]
    public void UnfitOption_IsNamed(string id, string option, object value)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse(Model));
        var error = Assert.Throws<SamplingOptionException>(
            () => planner.Plan(new() { Sampler = id, SamplerOptions = new Dictionary<string, object> { [option] = value } }));
        Assert.Equal(option, error.Parameter);
    }

    private static async Task<(float[] X, int Evaluations)> RunAsync(SamplingPlan plan)
    {
        var mixture = new GaussianMixture([1], [[.. Enumerable.Repeat(Mean, _shape.Length)]], [Deviation]);
        var alphas = GoldenFiles.Table("sd");
        using var denoiser = new GuidedDenoiser(
            AnalyticNetworks.VariancePreserving(mixture, alphas, "epsilon"), plan.Prediction, _shape, new Conditioning([]), null, GuidanceOptions.None);
        var noise = new PhiloxNoise(3);
        using var x = Latent.Rent(_shape);
        noise.Fill(0, x);
        x.Set(plan.Trajectory.InitialScale * x);
        await plan.Integrator.SampleAsync(denoiser, x, plan.Trajectory, noise, NullObserver.Instance, default);
        return (x.Values.ToArray(), denoiser.Evaluations);
    }
}
