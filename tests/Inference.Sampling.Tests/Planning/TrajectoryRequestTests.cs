namespace Inference.Sampling.Tests;

/// <summary>Every schedule and every part of a trajectory that a request can name.</summary>
public sealed class TrajectoryRequestTests
{
    private const string Table = """{ "_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }""";
    private const string Edm = """{ "_class_name": "EDMEulerScheduler", "sigma_min": 0.002, "sigma_max": 700 }""";
    private const string Flow = """{ "_class_name": "FlowMatchEulerDiscreteScheduler" }""";

    [Theory]
    [InlineData("polynomial", 3.0)]
    [InlineData("karras", 3.0)]
    [InlineData("Polynomial", 7.0)]
    public void A_polynomial_schedule_is_even_in_the_root_of_sigma(string schedule, double rho)
    {
        foreach (var model in (string[])[Table, Edm])
            Even(Kappas(model, new() { Steps = 6, Schedule = schedule, Rho = rho }), kappa => Math.Pow(kappa, 1 / rho));
    }

    [Fact]
    public void Without_rho_a_polynomial_schedule_is_that_of_karras()
    {
        Assert.Equal(Kappas(Table, new() { Schedule = "karras" }), Kappas(Table, new() { Schedule = "polynomial" }));
        Assert.Equal(Kappas(Table, new() { Schedule = "karras", Rho = 7 }), Kappas(Table, new() { Schedule = "polynomial" }));
        // An EDM model has an exponent of its own.
        Even(Kappas("""{ "_class_name": "EDMEulerScheduler", "rho": 5 }""", new() { Schedule = "polynomial" }), kappa => Math.Pow(kappa, 0.2));
    }

    [Fact]
    public void A_polyexponential_schedule_is_a_power_in_the_logarithm()
    {
        foreach (var model in (string[])[Table, Edm])
        {
            Even(Kappas(model, new() { Steps = 6, Schedule = "polyexponential" }), Math.Log);
            var kappas = Kappas(model, new() { Steps = 6, Schedule = "polyexponential", Rho = 2 });
            Even(kappas, kappa => Math.Sqrt(Math.Max(0, Math.Log(kappa) - Math.Log(kappas[^1]))));
        }
    }

    [Theory]
    [InlineData("log-snr")]
    [InlineData("lu")]
    public void A_log_snr_schedule_is_even_in_lambda(string schedule)
    {
        foreach (var model in (string[])[Table, Edm])
            Even(Kappas(model, new() { Steps = 6, Schedule = schedule }), Math.Log);
    }

    [Fact]
    public void A_focused_schedule_spends_its_steps_where_the_answer_changes()
    {
        var far = Kappas("""{ "_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "squaredcos_cap_v2" }""", new() { Steps = 7, Schedule = "focused" });
        Assert.True(far[0] > 10_000);
        Assert.Equal(40, far[1], 1e-9);
        Assert.Equal(0.12, far[^1], 1e-9);
        Even(far[1..], Math.Log);
        // Stable Diffusion's noise ends at 14.6: nothing lies beyond.
        var near = Kappas(Table, new() { Steps = 7, Schedule = "focused" });
        Assert.True(near[0] < 40);
        Assert.Equal(0.12, near[^1], 1e-9);
        Even(near, Math.Log);
    }

    [Fact]
    public void A_time_quadratic_schedule_is_even_in_the_root_of_time()
    {
        var times = Timesteps(Table, new() { Steps = 6, Schedule = "time-quadratic" }).Select(t => (t + 1) / 1000).ToArray();
        Assert.Equal(1, times[0], 1e-6);
        Assert.Equal(0.001, times[^1], 1e-6);
        // The model's timestep of a level is interpolated on another scale than its level.
        Even(times, Math.Sqrt, 1e-3);
    }

    [Fact]
    public void Align_your_steps_has_a_table_for_video_models()
    {
        double[] published = [700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034];
        var kappas = Kappas(Edm, new() { Steps = 10, Schedule = "ays-svd" });
        for (var i = 0; i < published.Length; i++)
            Assert.Equal(published[i], kappas[i], 1e-9);
        var more = Kappas(Edm, new() { Steps = 19, Schedule = "ays-svd" });
        Assert.Equal(Math.Sqrt(700 * 54.5), more[1], 1e-9);
    }

    [Theory]
    [InlineData("ays-svd", """{ "_class_name": "EDMEulerScheduler" }""", "above the model's sigma_max of 80")]
    [InlineData("ays-svd", Table, "ays-sdxl")]
    [InlineData("ays-svd", Flow, "karras")]
    [InlineData("ays", Edm, "ays-svd")]
    [InlineData("time-quadratic", Flow, "polyexponential")]
    [InlineData("beta", Edm, "karras")]
    public void A_schedule_for_other_models_is_refused(string schedule, string model, string message) =>
        Refuses("schedule", message, model, new() { Schedule = schedule });

    [Theory]
    [InlineData(null, 3.0)]
    [InlineData("beta", 3.0)]
    [InlineData("polynomial", 0.0)]
    [InlineData("polynomial", double.NaN)]
    public void Rho_belongs_to_its_schedules(string? schedule, double rho) => Refuses("rho", "rho", Table, new() { Schedule = schedule, Rho = rho });

    [Fact]
    public void Every_schedule_name_can_be_planned_for_some_model()
    {
        foreach (var schedule in SigmaRampNames.All)
            Assert.Contains((string[])[Table, Edm, Flow], model => Record.Exception(() => Plan(model, new() { Schedule = schedule })) is null);
    }

    [Fact]
    public void Given_levels_are_not_spread_by_the_name_of_the_sampler()
    {
        Assert.Equal([10.0, 3, 1], Kappas(Table, new() { Sampler = "DPM++ 2M Karras", Sigmas = [10, 3, 1] }));
        Assert.Equal([900.0, 500, 100], Timesteps(Table, new() { Sampler = "DPM++ 2M Karras", Timesteps = [900, 500, 100] }));
    }

    [Theory]
    [InlineData(0.5, 0.0, 5)]
    [InlineData(0.59, 0.0, 5)]
    [InlineData(1.0, 0.0, 10)]
    // The levels are 10, 9, .., 1 and 0.
    [InlineData(1.0, 3.0, 7)]
    [InlineData(1.0, 3.5, 6)]
    [InlineData(0.2, 3.5, 2)]
    public void A_run_ends_early(double end, double sigma, int kept)
    {
        var options = new SamplingOptions { Sigmas = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] };
        var part = Plan(Edm, options with { End = end, EndSigma = sigma }).Trajectory;
        Assert.Equal(Plan(Edm, options).Trajectory.Steps.Take(kept), part.Steps);
        Assert.Equal(10, part.TotalSteps);
        Assert.Equal(10 - kept, part.LeftOut);
        Assert.Equal(11 - kept, part.Remaining(kept - 1));
    }

    [Fact]
    public async Task Two_parts_of_a_first_order_run_are_the_whole()
    {
        var whole = await RunAsync(new() { Steps = 8 }, null);
        var half = await RunAsync(new() { Steps = 8, End = 0.5 }, null);
        Assert.NotEqual(whole, half);
        Assert.Equal(whole, await RunAsync(new() { Steps = 8, Start = 0.5 }, half));
    }

    [Fact]
    public void The_last_steps_rules_wait_for_the_real_end()
    {
        // Fewer than 15 steps end with lower orders; a run that stops early has not come there.
        var options = new SamplingOptions { Sampler = "DPM++ 3M", Steps = 8 };
        var evaluations = Plan(Table, options with { End = 0.75 }).Evaluations;
        Assert.Equal(6, evaluations);
        Assert.Equal(3, Plan(Table, options with { End = 0.75 }).Trajectory.Remaining(5));
    }

    [Fact]
    public void Calls_of_plms_end_with_their_step()
    {
        var model = """{ "_class_name": "PNDMScheduler", "skip_prk_steps": true, "steps_offset": 1 }""";
        var whole = Plan(model, new() { Steps = 8 }).Trajectory;
        // The first step takes two calls.
        Assert.Equal(9, whole.Steps.Length);
        Assert.Equal(whole.Steps.Take(5), Plan(model, new() { Steps = 8, End = 0.5 }).Trajectory.Steps);
    }

    [Theory]
    [InlineData("end", 0.0, null)]
    [InlineData("end", 1.5, null)]
    [InlineData("end", double.NaN, null)]
    [InlineData("end", 0.05, null)]
    [InlineData("end_sigma", 1.0, 900.0)]
    [InlineData("end_sigma", 1.0, -1.0)]
    [InlineData("end_sigma", 1.0, double.NaN)]
    public void An_end_before_the_first_step_is_refused(string parameter, double end, double? sigma) =>
        Refuses(parameter, parameter == "end" && end is > 0 and < 1 || sigma is 900 ? "No step is left" : $"{parameter} must", Edm, new() { Steps = 10, End = end, EndSigma = sigma });

    [Fact]
    public void A_noise_prediction_of_pure_noise_is_refused()
    {
        const string model = """{ "_class_name": "DDIMScheduler", "rescale_betas_zero_snr": true, "timestep_spacing": "trailing", "prediction_type": "PREDICTION" }""";
        Refuses("sampler", "zero terminal SNR", model.Replace("PREDICTION", "epsilon", StringComparison.Ordinal), new());
        Refuses("sampler", "epsilon", model.Replace("PREDICTION", "epsilon", StringComparison.Ordinal), new() { Sampler = "ddpm" });
        Assert.Equal(0, Plan(model.Replace("PREDICTION", "v_prediction", StringComparison.Ordinal), new()).Trajectory.Steps[0].From.Alpha);
        Assert.True(Plan(model.Replace("PREDICTION", "epsilon", StringComparison.Ordinal), new() { Spacing = "leading" }).Trajectory.Steps[0].From.Alpha > 0);
    }

    private static SamplingPlan Plan(string model, SamplingOptions options) => new SamplingPlanner(SchedulerConfig.Parse(model)).Plan(options);

    private static double[] Kappas(string model, SamplingOptions options) => [.. Plan(model, options).Trajectory.Steps.Select(step => step.From.Kappa)];

    private static double[] Timesteps(string model, SamplingOptions options) => [.. Plan(model, options).Trajectory.Steps.Select(step => step.From.Timestep)];

    private static void Refuses(string parameter, string message, string model, SamplingOptions options)
    {
        var refused = Assert.Throws<SamplingOptionException>(() => Plan(model, options));
        Assert.Equal(parameter, refused.Parameter);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private static void Even(double[] values, Func<double, double> scale, double tolerance = 1e-9)
    {
        var scaled = Array.ConvertAll(values, value => scale(value));
        var step = (scaled[^1] - scaled[0]) / (scaled.Length - 1);
        Assert.NotEqual(0, step);
        for (var i = 0; i < scaled.Length; i++)
            Assert.Equal(scaled[0] + i * step, scaled[i], tolerance * Math.Abs(scaled[0] - scaled[^1]));
    }

    private static async Task<float[]> RunAsync(SamplingOptions options, float[]? from)
    {
        var plan = Plan(Table, options);
        var shape = new LatentShape(1, 2, 2);
        using var x = Latent.From(shape, from ?? [10, -5, 3, 1]);
        await plan.Integrator.SampleAsync(new ContractDenoiser(Orders.Mixture), x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, default);
        return x.Values.ToArray();
    }
}
