namespace Inference.Sampling.Tests;

/// <summary>The samplers under contract: every one that is registered, on a model of every process that it is defined for.</summary>
internal static class SamplerSubjects
{
    private static readonly SamplingPlanner[] _models =
    [
        Model("""{ "_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "skip_prk_steps": true, "steps_offset": 1 }"""),
        // α is 0 at the start: pure noise.
        Model("""{ "_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": false, "prediction_type": "v_prediction", "rescale_betas_zero_snr": true, "timestep_spacing": "trailing" }"""),
        Model("""{ "_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0 }"""),
        Model("""{ "_class_name": "EDMEulerScheduler", "sigma_data": 0.5 }"""),
        Model("""{ "_class_name": "SCMScheduler", "sigma_data": 0.5 }"""),
    ];

    public static IEnumerable<SamplerDescriptor> All => SamplerRegistry.All;

    public static TheoryData<string> Ids => [.. All.Select(descriptor => descriptor.Id)];

    public static SamplerDescriptor Descriptor(string id) => SamplerRegistry.Find(id)!;

    /// <summary>The sampler with its defaults, except that the order is not lowered at the end.</summary>
    public static ISampler Create(SamplerDescriptor descriptor)
    {
        var values = descriptor.Options.ToDictionary(option => option.Name, option => option.Default);
        if (values.ContainsKey("lower_order_final"))
            values["lower_order_final"] = false;
        return descriptor.Create(new(values));
    }

    /// <summary>Plans of a sampler, one for each model that it can be used with.</summary>
    public static List<SamplingPlan> Plans(string id, int steps)
    {
        var processes = Descriptor(id).Processes;
        List<SamplingPlan> plans = [.. _models.Where(model => processes.Contains(model.Process)).Select(model => model.Plan(Options(id, steps)))];
        Assert.NotEmpty(plans);
        return plans;
    }

    /// <summary>The same, without models for which the number of steps is refused.</summary>
    public static IEnumerable<SamplingPlan> PlansThatFit(string id, int steps)
    {
        foreach (var model in _models.Where(model => Descriptor(id).Processes.Contains(model.Process)))
        {
            SamplingPlan plan;
            try
            {
                plan = model.Plan(Options(id, steps));
            }
            catch (SamplingOptionException refused) when (refused.Parameter == "steps")
            {
                continue;
            }
            yield return plan;
        }
    }

    private static SamplingOptions Options(string id, int steps) => new()
    {
        Sampler = id,
        Steps = steps,
        // Its own levels end after four steps.
        Sigmas = id == "rcm" ? [.. Enumerable.Range(0, steps).Select(i => 1 - (double)i / steps)] : null,
    };

    private static SamplingPlanner Model(string config) => new(SchedulerConfig.Parse(config));
}
