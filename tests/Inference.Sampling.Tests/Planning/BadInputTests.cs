using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>What a request did wrong is said with the name of the field and what is allowed.</summary>
public sealed class BadInputTests
{
    private static readonly SamplingPlanner _model = new(SchedulerConfig.Parse("""{ "_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }"""));

    [Theory]
    [InlineData("lms", "order", 4, 3)]
    [InlineData("unipc", "solver_order", 3, 2)]
    [InlineData("deis", "solver_order", 3, 1)]
    [InlineData("deis-tab", "order", 4, 2)]
    [InlineData("ipndm", "order", 3, 2)]
    [InlineData("sa-solver", "predictor_order", 3, 2)]
    [InlineData("sa-solver", "corrector_order", 4, 3)]
    [InlineData("dpm-solver-singlestep", "order", 3, 2)]
    public void An_order_above_the_number_of_steps(string sampler, string option, int order, int steps)
    {
        Refuses(option, $"{option} must be at most the number of steps, {steps}, not {order}", With(sampler, option, order) with { Steps = steps });
        Assert.Equal(sampler, _model.Plan(With(sampler, option, order) with { Steps = order }).Sampler.Id);
        // A default is lowered instead.
        Assert.Equal(sampler, _model.Plan(new() { Sampler = sampler, Steps = 1 }).Sampler.Id);
    }

    [Fact]
    public void The_order_of_an_adaptive_method_has_nothing_to_do_with_steps() =>
        Assert.Equal("dpm-adaptive", _model.Plan(With("dpm-adaptive", "order", 3) with { Steps = 2 }).Sampler.Id);

    [Theory]
    [InlineData("euler")]
    [InlineData("heun")]
    [InlineData("dpmpp-2m")]
    [InlineData("unipc")]
    [InlineData("lms")]
    [InlineData("plms")]
    public void Eta_on_a_deterministic_sampler(string sampler) => Refuses("eta", $"'eta' is not an option of {sampler}", With(sampler, "eta", 0.5));

    [Theory]
    [InlineData("euler", "s_churn")]
    [InlineData("plms", "which has none")]
    public void An_unknown_option(string sampler, string allowed)
    {
        Refuses("nonsense", "'nonsense' is not an option of", With(sampler, "nonsense", 1));
        Refuses("nonsense", allowed, With(sampler, "nonsense", 1));
    }

    [Theory]
    [InlineData(3, 3, 1)]
    [InlineData(1, 2, 3)]
    [InlineData(3, double.NaN, 1)]
    [InlineData(double.NaN, 2, 1)]
    [InlineData(double.PositiveInfinity, 2, 1)]
    public void Levels_that_do_not_descend(double first, double second, double third)
    {
        Refuses("sigmas", "sigmas must be finite and strictly descending", new() { Sigmas = [first, second, third] });
        Refuses("timesteps", "timesteps must be finite and strictly descending", new() { Timesteps = [first, second, third] });
    }

    [Fact]
    public void Levels_that_are_none()
    {
        Refuses("sigmas", "greater than 0", new() { Sigmas = [3, 1, -1] });
        Refuses("sigmas", "greater than 0", new() { Sigmas = [0] });
        Refuses("steps", "between 1 and 1000", new() { Sigmas = [] });
    }

    [Theory]
    [InlineData("dpm-adaptive")]
    [InlineData("dpm-solver-adaptive")]
    public async Task An_adaptive_method_at_its_limit(string sampler)
    {
        var plan = _model.Plan(With(sampler, "max_attempts", 2));
        using var x = Latent.From(new(1, 1, 2), [10, -7]);
        var refused = await Assert.ThrowsAsync<SamplingOptionException>(async () => await plan.Integrator.SampleAsync(
            new ContractDenoiser(new GaussianMixture([1], [[0, 0]], [1])), x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, default));
        Assert.Equal("max_attempts", refused.Parameter);
        Assert.Equal("The tolerances rtol and atol were not reached within max_attempts = 2 attempted steps.", refused.Message);
    }

    private static SamplingOptions With(string sampler, string option, object value) =>
        new() { Sampler = sampler, SamplerOptions = new Dictionary<string, object> { [option] = value } };

    private static void Refuses(string parameter, string message, SamplingOptions options)
    {
        var refused = Assert.Throws<SamplingOptionException>(() => _model.Plan(options));
        Assert.Equal(parameter, refused.Parameter);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }
}
