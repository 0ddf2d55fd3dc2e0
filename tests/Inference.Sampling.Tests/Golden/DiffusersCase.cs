using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Sampling.Tests;

/// <summary>Plans from the cases of diffusers families and of schedules.json.</summary>
internal static class DiffusersCase
{
    public static SamplingPlan Plan(JsonElement @case) => Plan(@case, @case.GetProperty("config"));

    /// <summary>The plan of a case that is about levels alone, which do not depend on what the network predicts.</summary>
    public static SamplingPlan PlanLevels(JsonElement @case) => Plan(@case, AtAnyLevel(@case.GetProperty("config")));

    /// <summary>A configuration with a prediction that can be evaluated at every level: noise tells nothing about data at zero terminal SNR.</summary>
    public static JsonElement AtAnyLevel(JsonElement config)
    {
        if (!config.TryGetProperty("rescale_betas_zero_snr", out var flag) || flag.ValueKind != JsonValueKind.True)
            return config;
        var node = JsonObject.Create(config)!;
        node["prediction_type"] = Predictions.V.Name;
        return JsonSerializer.SerializeToElement(node);
    }

    private static SamplingPlan Plan(JsonElement @case, JsonElement config)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Create(@case.GetProperty("class").GetString()!, config));
        var options = new SamplingOptions { SamplerOptions = StepOptions(@case) };
        if (@case.TryGetProperty("num_inference_steps", out var steps) && steps.ValueKind == JsonValueKind.Number)
            options = options with { Steps = steps.GetInt32() };
        if (@case.TryGetProperty("set_timesteps_kwargs", out var arguments) && arguments.ValueKind == JsonValueKind.Object)
            foreach (var argument in arguments.EnumerateObject())
                options = With(options, argument, config);
        return planner.Plan(options);
    }

    /// <summary>Integer timesteps have to be equal; fractional ones come from logarithms and powers, whose last bits differ between libraries.</summary>
    public static void CompareTimesteps(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(
                expected[i] == actual[i] || Math.Abs(expected[i] - actual[i]) <= 1e-9 * Math.Max(1, Math.Abs(expected[i])),
                $"timestep {i} is {actual[i]:r}, not {expected[i]:r}");
    }

    private static Dictionary<string, object> StepOptions(JsonElement @case) =>
        @case.TryGetProperty("step_kwargs", out var arguments) && arguments.ValueKind == JsonValueKind.Object
            ? arguments.EnumerateObject().ToDictionary(argument => argument.Name, argument => argument.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.String when argument.Value.GetString() is not ("inf" or "-inf") => argument.Value.GetString()!,
                _ => (object)GoldenFiles.Number(argument.Value),
            })
            : [];

    private static SamplingOptions With(SamplingOptions options, JsonProperty argument, JsonElement config)
    {
        if (argument.Value.ValueKind == JsonValueKind.Null)
            return options;
        return argument.Name switch
        {
            "sigmas" => options with { Sigmas = GoldenFiles.Numbers(argument.Value) },
            "timesteps" => options with { Timesteps = GoldenFiles.Numbers(argument.Value) },
            // μ is the logarithm of the shift factor, or the factor itself for the linear kind.
            "mu" => options with
            {
                FlowShift = config.TryGetProperty("time_shift_type", out var kind) && kind.GetString() == "linear"
                    ? argument.Value.GetDouble()
                    : Math.Exp(argument.Value.GetDouble()),
            },
            _ => throw new NotSupportedException($"Unknown argument of set_timesteps '{argument.Name}'."),
        };
    }
}
