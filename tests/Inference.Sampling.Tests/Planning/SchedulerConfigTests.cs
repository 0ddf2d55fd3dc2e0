namespace Inference.Sampling.Tests;

public sealed class SchedulerConfigTests
{
    [Fact]
    public void Parse_real_file_with_foreign_and_private_keys()
    {
        var config = SchedulerConfig.Parse("""
            {
              "_class_name": "PNDMScheduler",
              "_diffusers_version": "0.6.0",
              "beta_end": 0.012,
              "beta_schedule": "scaled_linear",
              "beta_start": 0.00085,
              "clip_sample": false,
              "num_train_timesteps": 1000,
              "set_alpha_to_one": false,
              "skip_prk_steps": true,
              "steps_offset": 1,
              "trained_betas": null
            }
            """);

        Assert.Equal("PNDMScheduler", config.ClassName);
        Assert.Equal("plms", new SamplingPlanner(config).Plan(new() { Steps = 10 }).Sampler.Id);
    }

    [Fact]
    public void Parse_understands_the_infinity_that_python_writes()
    {
        var plan = new SamplingPlanner(SchedulerConfig.Parse("""{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "trained_betas": null}"""))
            .Plan(new() { Steps = 5 });

        Assert.Equal(5, plan.Trajectory.Steps.Length);
    }

    [Theory]
    [InlineData("""{"_class_name": "NoSuchScheduler"}""", "NoSuchScheduler", "DDIMScheduler")]
    [InlineData("""{"_class_name": "DDIMScheduler", "beta_shedule": "linear"}""", "beta_shedule")]
    [InlineData("""{"_class_name": "DDIMScheduler", "beta_schedule": "quadratic"}""", "beta_schedule", "quadratic", "scaled_linear")]
    [InlineData("""{"_class_name": "DDIMScheduler", "beta_start": "low", "prediction_type": "noise"}""", "beta_start", "prediction_type", "v_prediction")]
    [InlineData("""{"_class_name": "UniPCMultistepScheduler", "solver_order": 2.5}""", "solver_order", "integer")]
    [InlineData("""{"_class_name": "DPMSolverMultistepScheduler", "variance_type": "learned_range"}""", "variance_type", "learned_range")]
    [InlineData("""{"_class_name": "FlowMatchEulerDiscreteScheduler", "invert_sigmas": true}""", "invert_sigmas")]
    [InlineData("""{"beta_start": 0.1}""", "_class_name")]
    [InlineData("""{"_class_name": """, "JSON")]
    public void Parse_names_everything_that_is_wrong(string json, params string[] named)
    {
        var exception = Assert.Throws<SchedulerConfigException>(() => SchedulerConfig.Parse(json));

        Assert.All(named, name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_of_other_classes_are_tolerated()
    {
        var config = SchedulerConfig.Parse("""{"_class_name": "EulerDiscreteScheduler", "skip_prk_steps": true, "shift": 3, "solver_type": "nonsense"}""");

        Assert.Equal("euler", new SamplingPlanner(config).Plan(new() { Steps = 4 }).Sampler.Id);
    }
}
