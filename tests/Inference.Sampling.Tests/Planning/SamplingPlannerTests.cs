namespace Inference.Sampling.Tests;

public sealed class SamplingPlannerTests
{
    [Fact]
    public void Share_of_distilled_timesteps_is_refused_where_there_are_none() => Assert.Equal("start", Assert.Throws<SamplingOptionException>(
        () => new SamplingPlanner(SchedulerConfig.Parse("""{"_class_name": "DDIMScheduler"}""")).Plan(new() { DistilledShare = 0.5 })).Parameter);

    [Theory]
    [InlineData("""{"_class_name": "DPMSolverMultistepScheduler"}""", "ddim", false)]
    [InlineData("""{"_class_name": "DPMSolverMultistepScheduler", "clip_sample": true}""", "ddim", true)]
    [InlineData("""{"_class_name": "DDIMScheduler"}""", null, true)]
    public async Task Predictions_are_clipped_only_where_the_models_own_scheduler_does(string config, string? sampler, bool clips)
    {
        var plan = new SamplingPlanner(SchedulerConfig.Parse(config)).Plan(new() { Sampler = sampler, Steps = 5 });
        using var x = Latent.From(new(1, 1, 2), [1, -1]);
        await plan.Integrator.SampleAsync(new AlwaysThree(), x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, default);
        Assert.Equal(clips, x.Values[0] < 2);
    }

    private const string StableDiffusion =
        """{"_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "skip_prk_steps": true, "set_alpha_to_one": false, "steps_offset": 1}""";

    private const string Flux =
        """{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true, "shift": 3.0, "base_shift": 0.5, "max_shift": 1.15}""";

    private const string Edm = """{"_class_name": "EDMEulerScheduler"}""";

    public static TheoryData<string> Samplers => [.. SamplerRegistry.All.Select(sampler => sampler.Id)];

    public static TheoryData<string> Models => [StableDiffusion, Flux, Edm];

    private static SamplingPlan Plan(string model, SamplingOptions options) => new SamplingPlanner(SchedulerConfig.Parse(model)).Plan(options);

    private static SamplingOptionException Refused(string model, SamplingOptions options) => Assert.Throws<SamplingOptionException>(() => Plan(model, options));

    [Fact]
    public void Without_a_sampler_the_model_decides()
    {
        var plan = Plan(StableDiffusion, new() { Steps = 4 });

        Assert.Equal("plms", plan.Sampler.Id);
        Assert.Equal([751, 501, 501, 251, 1], plan.Trajectory.Steps.Select(step => step.From.Timestep));
        Assert.Equal(5, plan.Evaluations);
        Assert.Same(Predictions.Epsilon, plan.Prediction);
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void Every_sampler_plans_on_the_processes_it_is_defined_for(string id)
    {
        foreach (var (model, process) in ((string, NoiseProcess)[])[(StableDiffusion, NoiseProcess.VariancePreserving), (Flux, NoiseProcess.Flow), (Edm, NoiseProcess.Edm)])
        {
            var options = new SamplingOptions { Sampler = id, Steps = 4, ImageTokens = 1024 };
            if (!SamplerRegistry.Find(id)!.Processes.Contains(process))
            {
                Assert.Equal("sampler", Refused(model, options).Parameter);
                continue;
            }
            var plan = Plan(model, options);
            Assert.Equal(id, plan.Sampler.Id);
            Assert.All(plan.Trajectory.Steps, (step, i) =>
            {
                Assert.Equal(i, step.From.Step);
                Assert.True(step.To.Kappa <= step.From.Kappa);
            });
        }
    }

    [Fact]
    public void Another_sampler_takes_over_the_shared_settings()
    {
        var plan = Plan(StableDiffusion, new() { Sampler = "DDIMScheduler", Steps = 4 });

        // steps_offset and set_alpha_to_one carry over, as from_config does; spacing and clipping have the defaults of DDIM.
        Assert.Equal("ddim", plan.Sampler.Id);
        Assert.Equal([751, 501, 251, 1], plan.Trajectory.Steps.Select(step => step.From.Timestep));
        Assert.Equal(0.00085, Math.Pow(plan.Trajectory.Steps[^1].To.Sigma, 2), 10);
    }

    [Theory]
    [InlineData("euler")]
    [InlineData("EULER")]
    [InlineData("sample_euler")]
    [InlineData("EulerDiscreteScheduler")]
    [InlineData("Euler Karras")]
    public void Samplers_are_found_by_any_of_their_names(string name) =>
        Assert.Equal("euler", Plan(StableDiffusion, new() { Sampler = name, Steps = 4 }).Sampler.Id);

    [Fact]
    public void Name_that_implies_a_schedule_equals_asking_for_it()
    {
        var implied = Plan(StableDiffusion, new() { Sampler = "DPM++ 2M Karras", Steps = 6 });
        var asked = Plan(StableDiffusion, new() { Sampler = "dpmpp-2m", Schedule = "karras", Steps = 6 });
        var overridden = Plan(StableDiffusion, new() { Sampler = "DPM++ 2M Karras", Schedule = "uniform", Steps = 6 });

        Assert.Equal(asked.Trajectory.Steps.AsEnumerable(), implied.Trajectory.Steps.AsEnumerable());
        Assert.NotEqual(asked.Trajectory.Steps.AsEnumerable(), overridden.Trajectory.Steps.AsEnumerable());
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("simple")]
    [InlineData("normal")]
    [InlineData("karras")]
    [InlineData("exponential")]
    [InlineData("beta")]
    [InlineData("lu")]
    [InlineData("ays")]
    [InlineData("ays-sdxl")]
    public void Schedules_of_sigma_space_samplers_descend(string schedule)
    {
        var plan = Plan(StableDiffusion, new() { Sampler = "euler", Schedule = schedule, Steps = 12 });

        Assert.Equal(12, plan.Trajectory.Steps.Length);
        Assert.All(plan.Trajectory.Steps, step => Assert.True(step.To.Sigma < step.From.Sigma && step.From.Timestep is >= 0 and <= 999));
    }

    [Fact]
    public void Align_your_steps_has_the_published_timesteps_at_ten_steps() => Assert.Equal(
        [999, 850, 736, 645, 545, 455, 343, 233, 124, 24],
        Plan(StableDiffusion, new() { Sampler = "dpmpp-2m", Schedule = "ays", Steps = 10 }).Trajectory.Steps.Select(step => step.From.Timestep));

    [Fact]
    public void Spacing_is_overridden() =>
        Assert.Equal(999, Plan(StableDiffusion, new() { Sampler = "ddim", Spacing = "trailing", Steps = 10 }).Trajectory.Steps[0].From.Timestep);

    [Theory]
    [InlineData("ddim", 0.5, 10, 5)]
    [InlineData("ddim", 0.3, 10, 7)]
    [InlineData("ddim", 0.9, 10, 1)]
    [InlineData("euler", 0.25, 10, 7)]
    [InlineData(null, 0.5, 10, 5)]
    public void Start_skips_the_first_steps(string? sampler, double start, int steps, int left)
    {
        var whole = Plan(StableDiffusion, new() { Sampler = sampler, Steps = steps }).Trajectory;
        var part = Plan(StableDiffusion, new() { Sampler = sampler, Steps = steps, Start = start }).Trajectory;

        Assert.Equal(left, part.Steps.Length);
        Assert.Equal(whole.Steps[^1].To.Sigma, part.Steps[^1].To.Sigma);
        Assert.Equal(whole.Steps[part.Skipped].From.Sigma, part.Steps[0].From.Sigma);
        Assert.Equal(whole.Steps.Length, part.TotalSteps);
        Assert.Equal(Enumerable.Range(0, left), part.Steps.Select(step => step.From.Step));
    }

    [Fact]
    public void Custom_timesteps_and_sigmas_are_visited()
    {
        double[] timesteps = [900, 600, 300, 20];
        foreach (var sampler in (string[])["ddim", "ddpm", "plms", "lcm", "tcd", "euler", "dpmpp-2m", "unipc"])
            Assert.Equal(timesteps, Plan(StableDiffusion, new() { Sampler = sampler, Timesteps = timesteps }).Trajectory.Steps.Select(step => step.From.Timestep).Distinct());

        double[] sigmas = [10, 4, 1, 0.2];
        var plan = Plan(StableDiffusion, new() { Sampler = "euler", Sigmas = [.. sigmas, 0] });
        Assert.Equal(sigmas, plan.Trajectory.Steps.Select(step => step.From.Sigma));
        Assert.Equal(0, plan.Trajectory.Steps[^1].To.Sigma);
        Assert.Equal(sigmas, Plan(StableDiffusion, new() { Sampler = "dpmpp-2m", Sigmas = sigmas }).Trajectory.Steps.Select(step => Math.Round(step.From.Kappa, 12)));
    }

    [Theory]
    [InlineData("euler")]
    [InlineData("heun")]
    [InlineData("dpmpp-2m")]
    [InlineData("unipc")]
    [InlineData("deis")]
    public void Flow_models_stay_flow_models(string sampler)
    {
        var plan = Plan(Flux, new() { Sampler = sampler, Steps = 6, ImageTokens = 4096 });

        Assert.Same(Predictions.Flow, plan.Prediction);
        Assert.All(plan.Trajectory.Steps, step => Assert.Equal(1, step.From.Alpha + step.From.Sigma, 12));
    }

    [Fact]
    public void Shift_depends_on_the_picture_where_the_model_says_so()
    {
        // μ = 1.15 at 4096 tokens, so that the shift factor is e^1.15.
        var byTokens = Plan(Flux, new() { Steps = 6, ImageTokens = 4096 });
        var byShift = Plan(Flux, new() { Steps = 6, FlowShift = Math.Exp(1.15) });

        Assert.All(byTokens.Trajectory.Steps.Zip(byShift.Trajectory.Steps), pair => Assert.Equal(pair.First.From.Sigma, pair.Second.From.Sigma, 12));
        Assert.Equal("image_tokens", Refused(Flux, new() { Steps = 6 }).Parameter);
    }

    [Fact]
    public void Options_of_the_sampler_come_from_request_model_and_default_in_this_order()
    {
        const string third = """{"_class_name": "DPMSolverMultistepScheduler", "solver_order": 3, "algorithm_type": "sde-dpmsolver++"}""";

        Assert.Equal("sde-dpmpp-3m", Plan(third, new()).Sampler.Id);
        Assert.Equal("dpmpp-2m", Plan(third, new() { Sampler = "dpmpp-2m" }).Sampler.Id);
        Assert.Equal(
            0.029167158,
            Plan(StableDiffusion, new() { Sampler = "dpmpp-2m", SamplerOptions = new Dictionary<string, object> { ["final_sigmas_type"] = "sigma_min" } })
                .Trajectory.Steps[^1].To.Kappa,
            6);
    }

    [Fact]
    public void Clipping_is_applied_for_samplers_that_do_not_clip_themselves()
    {
        const string clips = """{"_class_name": "DDPMScheduler"}""";

        Assert.IsType<ClippingSampler>(Plan(clips, new()).Integrator);
        Assert.IsType<Ddim>(Plan(clips, new() { Sampler = "ddim" }).Integrator);
        Assert.IsNotType<ClippingSampler>(Plan(clips, new() { Sampler = "euler" }).Integrator);
    }

    [Fact]
    public void Refusals_name_the_parameter_and_what_is_allowed()
    {
        Refuses("sampler", "dpmpp-2m", new() { Sampler = "nonsense" });
        Refuses("schedule", "karras", new() { Sampler = "euler", Schedule = "nonsense" });
        Refuses("schedule", "uniform", new() { Sampler = "ddim", Schedule = "karras" });
        Refuses("spacing", "trailing", new() { Sampler = "euler", Spacing = "nonsense" });
        Refuses("spacing", "spacing", new() { Sampler = "dpmpp-2s", Spacing = "trailing" });
        Refuses("steps", "1000", new() { Steps = 0 });
        Refuses("steps", "50", new() { Sampler = "lcm", Steps = 51 });
        Refuses("start", "less than 1", new() { Start = 1 });
        Refuses("start", "0.9", new() { Sampler = "ddim", Steps = 10, Start = 0.95 });
        Refuses("flow_shift", "flow", new() { FlowShift = 3 });
        Refuses("timesteps", "descending", new() { Timesteps = [1, 2] });
        Refuses("timesteps", "999", new() { Sampler = "ddim", Timesteps = [1500] });
        Refuses("sigmas", "timesteps", new() { Sampler = "ddim", Sigmas = [3, 2] });
        Refuses("sigmas", "not both", new() { Sigmas = [3, 2], Timesteps = [3, 2] });
        Refuses("eta", "between 0 and 1", Option("ddim", "eta", 2));
        Refuses("lower_order_final", "true", Option("dpmpp-2m", "lower_order_final", "yes"));
        Refuses("solver_type", "bh1", Option("unipc", "solver_type", "bh3"));
        Refuses("solver_order", "integer", Option("unipc", "solver_order", 2.5));
        Refuses("churn", "s_churn", Option("euler", "churn", 1));

        static SamplingOptions Option(string sampler, string name, object value) =>
            new() { Sampler = sampler, SamplerOptions = new Dictionary<string, object> { [name] = value } };

        static void Refuses(string parameter, string allowed, SamplingOptions options)
        {
            var refused = Refused(StableDiffusion, options);
            Assert.Equal(parameter, refused.Parameter);
            Assert.Contains(allowed, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(TimestepSpacing.Linspace)]
    [InlineData(TimestepSpacing.Leading)]
    [InlineData(TimestepSpacing.Trailing)]
    public void Timestep_tables_have_exactly_as_many_values_as_asked_for(TimestepSpacing spacing)
    {
        for (var steps = 1; steps <= 999; steps++)
        {
            foreach (var table in (double[][])[TimestepTables.Points(spacing, steps, 1000, 0, rounded: true), TimestepTables.Intervals(spacing, steps, 1000, 1000, 0)])
            {
                Assert.Equal(steps, table.Length);
                Assert.All(table, t => Assert.InRange(t, 0, 999));
            }
        }
    }

    [Fact]
    public void Registry_has_no_name_twice_and_every_scheduler_class_has_its_samplers()
    {
        var names = SamplerRegistry.All.SelectMany(sampler => sampler.Aliases.Select(alias => alias.Name).Append(sampler.Id)).ToArray();

        Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(DiffusersSchedulers.ClassNames, name => Assert.All(DiffusersSchedulers.Find(name)!.Samplers, id => Assert.NotNull(SamplerRegistry.Find(id))));
    }

    private sealed class AlwaysThree : IDenoiser
    {
        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            clean.Values.Fill(3);
            return ValueTask.CompletedTask;
        }

        public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
