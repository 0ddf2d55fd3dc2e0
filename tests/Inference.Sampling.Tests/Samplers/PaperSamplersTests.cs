using Inference.TestKit;

namespace Inference.Sampling.Tests;

public sealed class PaperSamplersTests
{
    public static TheoryData<string, string> Options
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var descriptor in PaperSamplers.All.Concat(FewStepSamplers.All))
                foreach (var option in descriptor.Options)
                    data.Add(descriptor.Id, option.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Every_option_has_an_effect(string id, string name)
    {
        var option = SamplerRegistry.Find(id)!.Options.Single(option => option.Name == name);
        var standard = await RunAsync(id);
        var value = (double)option.Default;
        var changed = false;
        foreach (var candidate in (double[])[0.95 * value, value / 2, value / 10, value + 1, option.Minimum, option.Maximum])
        {
            // Some values are out of range, alone or together with the defaults of the other options.
            try
            {
                var result = await RunAsync(id, (name, candidate));
                changed |= !result.SequenceEqual(standard);
            }
            catch (SamplingOptionException)
            {
            }
        }
        Assert.True(changed);
    }

    [Theory]
    [InlineData("sa-solver", "tau_sigma_max", 0.01)]
    [InlineData("sa-solver", "predictor_order", 5.0)]
    [InlineData("er-sde", "max_stage", 0.0)]
    [InlineData("dualfast", "c_max", -0.1)]
    [InlineData("ipndm", "order", 2.5)]
    [InlineData("scm", "intermediate_timesteps", 1.5708)]
    public void Options_out_of_range_are_refused_by_name(string id, string name, double value)
    {
        var exception = Assert.Throws<SamplingOptionException>(() => Plan(id, 2, (name, value)));
        Assert.Equal(name, exception.Parameter);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<List<float>> RunAsync(string id, params (string Name, double Value)[] options)
    {
        var plan = Plan(id, id == "scm" ? 2 : 14, options);
        using var x = Latent.Rent(new(1, 2, 2));
        new PhiloxNoise(1).Fill(0, x);
        x.Set(plan.Trajectory.InitialScale * x);
        await plan.Integrator.SampleAsync(
            new MixtureDenoiser(Orders.Mixture), x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, CancellationToken.None);
        return [.. x.Values];
    }

    private static SamplingPlan Plan(string id, int steps, params (string Name, double Value)[] options)
    {
        var config = id == "scm"
            ? """{ "_class_name": "SCMScheduler" }"""
            : """{ "_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }""";
        return new SamplingPlanner(SchedulerConfig.Parse(config)).Plan(new()
        {
            Sampler = id,
            Steps = steps,
            Schedule = id == "scm" ? null : "karras",
            SamplerOptions = options.ToDictionary(option => option.Name, option => (object)option.Value),
        });
    }
}
