namespace Inference.Sampling.Tests;

public sealed class CachePolicyTests
{
    private const string Model = """{ "_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }""";

    // Full evaluations of 50 steps with the first 2 and the last full, as measured beforehand in PyTorch.
    [Theory]
    [InlineData("fora", 2, 27)]
    [InlineData("fora", 3, 19)]
    [InlineData("taylorseer", 3, 19)]
    [InlineData("taylorseer", 4, 15)]
    [InlineData("taylorseer", 6, 11)]
    public void FullSteps_AreThoseOfTheReference(string policy, int interval, int expected) =>
        Assert.Equal(expected, FullSteps(Plan(policy, 50, ("interval", (double)interval), ("first", 2.0), ("last", 1.0))).Length);

    [Fact]
    public void TaylorSeer_CountsItsIntervalFromBehindTheWarmUp_AndStopsWhereItIsTold()
    {
        Assert.Equal([0, 1, 2, 4, 8, 12, 16], FullSteps(Plan("taylorseer", 20, ("interval", 4.0), ("first", 3.0))));
        Assert.Equal([0, 1, 2, 4, 8, 12, 15, 16, 17, 18, 19], FullSteps(Plan("taylorseer", 20, ("interval", 4.0), ("first", 3.0), ("disable_after", 15.0))));
    }

    [Fact]
    public void MagCache_AccumulatesItsError()
    {
        // 1 - 0.9, then 1 - 0.81: above 0.25 with the second step; the run of skips ends there.
        Assert.Equal([0, 1, 3, 5, 7, 9], FullSteps(Plan("magcache", 10, ("retention", 0.2), ("threshold", 0.25), ("ratios", string.Join(',', Enumerable.Repeat("0.9", 10))))));
        Assert.Equal([0, 1, 4, 7], FullSteps(Plan("magcache", 10, ("retention", 0.2), ("threshold", 10.0), ("max_skip", 2.0), ("ratios", "1"))));
    }

    [Fact]
    public void FixedSteps_AreThoseThatAreGiven()
    {
        Assert.Equal([0, 3, 4, 9], FullSteps(Plan("fixed_steps", 10, ("full", "3, 4,9"))));
        Assert.Equal([0, 3, 4, 8, 9], FullSteps(Plan("fixed_steps", 10, ("full", "3,4"), ("last", 2.0))));
    }

    [Fact]
    public void StepRehash_AddsAnglesUpToTheThreshold()
    {
        // Steps are 0.1 apart; cos 0.2 is above 0.97, cos 0.3 below.
        Assert.Equal([0, 1, 4, 7, 9], FullSteps(Plan("step_rehash", 10, ("similarities", $"{Math.Cos(0.1):R}"), ("threshold", 0.97))));
        Assert.Equal([0, 1, 3, 5, 7, 9], FullSteps(Plan("step_rehash", 10, ("similarities", "1"), ("max_skip", 1.0))));
        // Opposite outputs are never taken for each other, whatever the angles add up to.
        Assert.Equal(10, FullSteps(Plan("step_rehash", 10, ("similarities", "-1"), ("threshold", -0.5))).Length);
    }

    [Fact]
    public void HiCache_HasTaylorSeersSteps() =>
        Assert.Equal(FullSteps(Plan("taylorseer", 20, ("interval", 4.0))), FullSteps(Plan("hicache", 20, ("interval", 4.0))));

    [Fact]
    public void GuidanceDelta_IsRefused_WhereNothingIsGuided()
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse(Model));
        var exception = Assert.Throws<SamplingOptionException>(() => CachePolicies.Plan(new("guidance_delta", new Dictionary<string, object>()), planner.Plan(new() { Steps = 10 }), null, isGuided: false));
        Assert.Equal("cache", exception.Parameter);
        Assert.Contains("not guided", exception.Message);
    }

    [Fact]
    public void Ratios_OfAnotherNumberOfSteps_AreTakenByNearestIndex() =>
        Assert.Equal(
            FullSteps(Plan("magcache", 5, ("ratios", "1,0.9,0.8,1.2,1"), ("retention", 0.0), ("threshold", 0.15))),
            FullSteps(Plan("magcache", 5, ("ratios", "1,1,0.9,0.9,0.8,0.8,1.2,1.2,1"), ("retention", 0.0), ("threshold", 0.15))));

    [Theory]
    [InlineData("fora", "interval", 1.0)]
    [InlineData("fora", "first", 50.0)]
    [InlineData("taylorseer", "interval", 1.0)]
    [InlineData("taylorseer", "first", 50.0)]
    [InlineData("taylorseer", "disable_after", 0.0)]
    [InlineData("first_block", "threshold", 0.0)]
    [InlineData("first_block", "first", 50.0)]
    [InlineData("hicache", "interval", 1.0)]
    [InlineData("speca", "threshold", 0.0)]
    [InlineData("speca", "max_skip", 0.0)]
    [InlineData("dbcache", "threshold", 0.0)]
    [InlineData("dbcache", "max_skip", 0.0)]
    [InlineData("cg_taylor", "threshold", 0.0)]
    [InlineData("teacache", "threshold", 0.0)]
    [InlineData("easycache", "threshold", 0.0)]
    [InlineData("easycache", "start", 1.0)]
    [InlineData("zeus", "interval", 1.0)]
    [InlineData("step_rehash", "threshold", 1.0)]
    [InlineData("guidance_delta", "interval", 1.0)]
    [InlineData("deepcache", "interval", 1.0)]
    [InlineData("fixed_steps", "first", 50.0)]
    [InlineData("magcache", "threshold", 0.0)]
    [InlineData("magcache", "max_skip", 0.0)]
    [InlineData("magcache", "retention", 1.0)]
    public void NothingToSkip_IsThePlainRun(string policy, string option, double value) =>
        Assert.True(Plan(policy, 50, [(option, value), .. Needed(policy)]).IsPlain);

    // What a policy cannot do without.
    private static (string, object)[] Needed(string policy) => policy switch
    {
        "magcache" => [("ratios", "1")],
        "teacache" => [("polynomial", "1,0")],
        "step_rehash" => [("similarities", "0.9")],
        "fixed_steps" => [("full", "3")],
        _ => [],
    };

    [Fact]
    public void FeaturesThatNoLaterStepUses_AreNotKept()
    {
        var plan = Plan("taylorseer", 20, ("interval", 4.0), ("first", 8.0), ("order", 1.0), ("last", 2.0));
        Assert.Equal([6, 7, 9, 13], Enumerable.Range(0, 20).Where(step => plan.At(step) == StepKind.Full && plan.IsUsed(step)));
    }

    [Theory]
    [InlineData("no-such", "interval", 3.0, "fora, taylorseer, hicache, speca, first_block, dbcache, cg_taylor, teacache, magcache, fixed_steps, easycache, zeus, step_rehash, guidance_delta, deepcache")]
    [InlineData("fora", "order", 1.0, "'order' is not an option of fora. Allowed: interval, first, last, modules")]
    [InlineData("fora", "interval", 0.0, "interval must be an integer between 1 and 1000, not '0'")]
    [InlineData("fora", "interval", 2.5, "interval must be an integer between 1 and 1000")]
    [InlineData("taylorseer", "modules", "mlp", "modules must be one of modules, attention, lite, not 'mlp'")]
    [InlineData("taylorseer", "order", 9.0, "order must be an integer between 0 and 4")]
    [InlineData("first_block", "threshold", double.NaN, "threshold must be a number between 0 and 100")]
    [InlineData("magcache", "retention", 2.0, "retention must be a number between 0 and 1")]
    [InlineData("magcache", "max_skip", 3.0, "ratios is missing")]
    [InlineData("teacache", "threshold", 0.1, "polynomial is missing")]
    [InlineData("teacache", "polynomial", "1,2,3,4,5,6,7,8,9", "at most 8 coefficients, not 9")]
    [InlineData("step_rehash", "threshold", 0.5, "similarities is missing")]
    [InlineData("step_rehash", "similarities", "0.9,1.5", "similarities must be numbers from -1 to 1, not '1.5'")]
    [InlineData("fixed_steps", "full", "3,20", "full must be steps of the run, from 0 to 19, not '20'")]
    [InlineData("fixed_steps", "full", "1.5", "full must be steps of the run, from 0 to 19, not '1.5'")]
    [InlineData("zeus", "interval", 6.0, "interval must be an integer between 1 and 5")]
    [InlineData("hicache", "contraction", 0.0, "contraction must be a number between 0.05 and 1")]
    [InlineData("easycache", "since", "ever", "since must be one of full, step, not 'ever'")]
    [InlineData("dbcache", "blocks", 0.0, "blocks must be an integer between 1 and 1000")]
    [InlineData("magcache", "ratios", "1,x", "ratios must be numbers above 0, not 'x'")]
    [InlineData("magcache", "ratios", "1,-1", "ratios must be numbers above 0, not '-1'")]
    public void Faults_NameTheOption_AndWhatIsAllowed(string policy, string option, object value, string message)
    {
        var exception = Assert.Throws<SamplingOptionException>(() => Plan(policy, 20, (option, value)));
        Assert.Equal("cache", exception.Parameter);
        Assert.Contains(message, exception.Message);
    }

    [Theory]
    [InlineData("dpm-adaptive")]
    [InlineData("dpm-fast")]
    [InlineData("lcm")]
    [InlineData("tcd")]
    public void SamplersWithoutATrajectoryToFollow_AreRefusedByName(string sampler)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse(Model));
        foreach (var policy in CachePolicies.All)
        {
            var exception = Assert.Throws<SamplingOptionException>(() => CachePolicies.Plan(
                new(policy.Id, new Dictionary<string, object>()), planner.Plan(new() { Sampler = sampler, Steps = 20 }), planner.FewStep, isGuided: true));
            Assert.Contains($"'{policy.Id}'", exception.Message);
            Assert.Contains($"'{sampler}'", exception.Message);
        }
    }

    [Fact]
    public void FewStepModels_AreRefusedByName()
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse("""{ "_class_name": "LCMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }"""));
        var exception = Assert.Throws<SamplingOptionException>(() => CachePolicies.Plan(new("fora", new Dictionary<string, object>()), planner.Plan(new() { Steps = 4 }), planner.FewStep, isGuided: true));
        Assert.Contains("few-step model (LCM)", exception.Message);
    }

    private static CachePlan Plan(string policy, int steps, params (string Name, object Value)[] options)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse(Model));
        return CachePolicies.Plan(new(policy, options.ToDictionary(option => option.Name, option => option.Value)), planner.Plan(new() { Steps = steps }), planner.FewStep, isGuided: true);
    }

    private static int[] FullSteps(CachePlan plan) => [.. Enumerable.Range(0, 50).TakeWhile(step => step < plan.Steps).Where(step => plan.At(step) == StepKind.Full)];
}
