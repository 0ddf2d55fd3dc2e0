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
    [InlineData("magcache", "threshold", 0.0)]
    [InlineData("magcache", "max_skip", 0.0)]
    [InlineData("magcache", "retention", 1.0)]
    public void NothingToSkip_IsThePlainRun(string policy, string option, double value) =>
        Assert.True(Plan(policy, 50, policy == "magcache" ? [(option, value), ("ratios", "1")] : [(option, value)]).IsPlain);

    [Fact]
    public void FeaturesThatNoLaterStepUses_AreNotKept()
    {
        var plan = Plan("taylorseer", 20, ("interval", 4.0), ("first", 8.0), ("order", 1.0), ("last", 2.0));
        Assert.Equal([6, 7, 9, 13], Enumerable.Range(0, 20).Where(step => plan.At(step) == StepKind.Full && plan.IsUsed(step)));
    }

    [Theory]
    [InlineData("no-such", "interval", 3.0, "fora, taylorseer, first_block, magcache")]
    [InlineData("fora", "order", 1.0, "'order' is not an option of fora. Allowed: interval, first, last, modules")]
    [InlineData("fora", "interval", 0.0, "interval must be an integer between 1 and 1000, not '0'")]
    [InlineData("fora", "interval", 2.5, "interval must be an integer between 1 and 1000")]
    [InlineData("taylorseer", "modules", "mlp", "modules must be one of modules, attention, lite, not 'mlp'")]
    [InlineData("taylorseer", "order", 9.0, "order must be an integer between 0 and 4")]
    [InlineData("first_block", "threshold", double.NaN, "threshold must be a number between 0 and 100")]
    [InlineData("magcache", "retention", 2.0, "retention must be a number between 0 and 1")]
    [InlineData("magcache", "max_skip", 3.0, "ratios is missing")]
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
                new(policy.Id, new Dictionary<string, object>()), planner.Plan(new() { Sampler = sampler, Steps = 20 }), planner.FewStep));
            Assert.Contains($"'{policy.Id}'", exception.Message);
            Assert.Contains($"'{sampler}'", exception.Message);
        }
    }

    [Fact]
    public void FewStepModels_AreRefusedByName()
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse("""{ "_class_name": "LCMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }"""));
        var exception = Assert.Throws<SamplingOptionException>(() => CachePolicies.Plan(new("fora", new Dictionary<string, object>()), planner.Plan(new() { Steps = 4 }), planner.FewStep));
        Assert.Contains("few-step model (LCM)", exception.Message);
    }

    private static CachePlan Plan(string policy, int steps, params (string Name, object Value)[] options)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse(Model));
        return CachePolicies.Plan(new(policy, options.ToDictionary(option => option.Name, option => option.Value)), planner.Plan(new() { Steps = steps }), planner.FewStep);
    }

    private static int[] FullSteps(CachePlan plan) => [.. Enumerable.Range(0, 50).TakeWhile(step => step < plan.Steps).Where(step => plan.At(step) == StepKind.Full)];
}
