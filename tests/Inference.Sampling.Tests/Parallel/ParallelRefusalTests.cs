namespace Inference.Sampling.Tests;

/// <summary>What cannot be taken side by side is refused by name, with what is allowed.</summary>
public sealed class ParallelRefusalTests
{
    public static TheoryData<string> Unfit => [.. SamplerRegistry.All.Where(sampler => !sampler.AllowsParallelWindow).Select(sampler => sampler.Id)];

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Samplers_that_need_their_history_are_refused(string sampler)
    {
        foreach (var sampling in SamplerSubjects.Plans(sampler, 12))
        {
            var refused = Assert.Throws<SamplingOptionException>(() => ParallelRuns.Plan(sampling, "picard"));
            Assert.Equal("parallel", refused.Parameter);
            Assert.Contains($"'{sampler}'", refused.Message);
            Assert.Contains("ddim", refused.Message);
        }
    }

    [Theory]
    [InlineData("nonsense", "picard, parataa, jacobi, parareal, chords, para-dpmsolver, picard-consistency")]
    [InlineData("picard", "'order' is not an option of picard. Allowed: tolerance, window", "order", 2.0)]
    [InlineData("picard", "tolerance must be a number between 0 and 10", "tolerance", -1.0)]
    [InlineData("picard", "tolerance must be a number between 0 and 10", "tolerance", "small")]
    [InlineData("picard", "window must be auto or an integer between 1 and 1000, not '0'", "window", 0.0)]
    [InlineData("picard", "window must be auto or an integer between 1 and 1000, not '1.5'", "window", 1.5)]
    [InlineData("picard", "window must be auto or an integer between 1 and 1000, not 'wide'", "window", "wide")]
    [InlineData("parataa", "memory must be an integer between 1 and 4", "memory", 9.0)]
    [InlineData("parareal", "coarse must be one of network, cached, forecast", "coarse", "magic")]
    [InlineData("para-dpmsolver", "its steps are those of 'dpmpp-2m'")]
    public void Options_are_checked(string method, string expected, string? option = null, object? value = null)
    {
        var sampling = ParallelRuns.Sampling("ddim", 12);
        var options = option is null ? [] : new Dictionary<string, object> { [option] = value! };
        var refused = Assert.Throws<SamplingOptionException>(() => ParallelMethods.Plan(new(method, options), sampling, GuidanceOptions.None, false));
        Assert.Equal("parallel", refused.Parameter);
        Assert.Contains(expected, refused.Message);
    }

    [Theory]
    [InlineData("euler", "s_churn", 10.0, "picard")]
    [InlineData("ddim", "eta", 0.5, "parareal")]
    [InlineData("ddim", "eta", 0.5, "chords")]
    public void Options_of_samplers_that_do_not_fit_are_refused(string sampler, string option, double value, string method)
    {
        var sampling = ParallelRuns.Sampling(sampler, 12, (option, value));
        Assert.Contains(option, Assert.Throws<SamplingOptionException>(() => ParallelRuns.Plan(sampling, method)).Message);
    }

    [Fact]
    public void Guidance_that_looks_at_the_order_of_steps_is_refused() =>
        Assert.Contains("guidance_adaptive_threshold", Assert.Throws<SamplingOptionException>(() => ParallelMethods.Plan(
            new("picard", new Dictionary<string, object>()), ParallelRuns.Sampling("ddim", 12), new() { AdaptiveThreshold = 0.9 }, false)).Message);

    [Fact]
    public void The_second_order_variant_takes_the_sampler_that_the_others_refuse()
    {
        var sampling = ParallelRuns.Sampling("dpmpp-2m", 12);
        Assert.Contains("para-dpmsolver", Assert.Throws<SamplingOptionException>(() => ParallelRuns.Plan(sampling, "picard")).Message);
        Assert.False(ParallelRuns.Plan(sampling, "para-dpmsolver").Method.IsExactAtZero);
    }
}
