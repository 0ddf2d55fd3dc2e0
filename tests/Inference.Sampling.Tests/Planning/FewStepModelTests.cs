namespace Inference.Sampling.Tests;

/// <summary>What makes no sense for few-step models is refused by name, as the scheduler class of the model says.</summary>
public sealed class FewStepModelTests
{
    public static TheoryData<string, string, bool> Models => new()
    {
        { "LCMScheduler", "LCM", true },
        { "TCDScheduler", "TCD", true },
        { "DMD2Scheduler", "DMD2", false },
        { "SCMScheduler", "sCM", false },
        { "RCMScheduler", "rCM", false },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void The_scheduler_class_says_the_kind(string className, string kind, bool unconditional)
    {
        Assert.Equal(new FewStepModel(kind, unconditional), Model(className).FewStep);
        Assert.Null(Model("EulerDiscreteScheduler").FewStep);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Guidance_needs_an_unconditional_branch(string className, string kind, bool unconditional)
    {
        var model = Model(className);
        model.Check(GuidanceOptions.None);
        if (unconditional)
            model.Check(new() { Scale = 4 });
        else
            foreach (var scale in (double[])[0, 4])
                Refuses("guidance_scale", kind, () => model.Check(new() { Scale = scale }));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Guidance_that_looks_along_the_trajectory_is_refused(string className, string kind, bool unconditional)
    {
        var model = Model(className);
        var scale = unconditional ? 4 : 1;
        Refuses("guidance_rescale", kind, () => model.Check(new() { Scale = scale, Rescale = 0.5 }));
        Refuses("guidance_interval", kind, () => model.Check(new() { Scale = scale, Interval = (0.3, 3) }));
        Refuses("guidance_adaptive_threshold", kind, () => model.Check(new() { Scale = scale, AdaptiveThreshold = 0.99 }));
    }

    [Theory]
    [InlineData("LCMScheduler", "DPM++ 2M Karras")]
    [InlineData("LCMScheduler", "UniPCMultistepScheduler")]
    [InlineData("TCDScheduler", "plms")]
    [InlineData("DMD2Scheduler", "deis-tab")]
    [InlineData("RCMScheduler", "unipc")]
    public void Samplers_with_history_are_refused(string className, string sampler)
    {
        var model = Model(className);
        var refused = Refuses("sampler", model.FewStep!.Name, () => model.Plan(new() { Sampler = sampler, Steps = 4 }));
        Assert.Contains($"'{sampler}'", refused.Message, StringComparison.Ordinal);
        // What the message offers can be planned.
        foreach (var allowed in refused.Message.Split("Allowed: ")[1].TrimEnd('.').Split(", "))
            Assert.Equal(allowed, model.Plan(new() { Sampler = allowed, Steps = 4 }).Sampler.Id);
        Assert.DoesNotContain(model.Samplers, known => known.NeedsHistory);
    }

    [Fact]
    public void Other_models_are_guided_as_they_are_asked_to() =>
        Model("EulerDiscreteScheduler").Check(new() { Scale = 7.5, Rescale = 0.7, Interval = (0.3, 3), AdaptiveThreshold = 0.99 });

    private static SamplingPlanner Model(string className) => new(SchedulerConfig.Parse($$"""{ "_class_name": "{{className}}" }"""));

    private static SamplingOptionException Refuses(string parameter, string kind, Action action)
    {
        var refused = Assert.Throws<SamplingOptionException>(action);
        Assert.Equal(parameter, refused.Parameter);
        Assert.Contains(kind, refused.Message, StringComparison.Ordinal);
        return refused;
    }
}
