using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>One case of tests/golden/kdiffusion.json (tests/golden/README.md, section 5).</summary>
internal sealed class KDiffusionCase(JsonNode node, JsonNode problems)
{
    private static readonly Lazy<JsonNode> Root =
        new(() => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "kdiffusion.json")))!);

    public static LatentShape Shape { get; } = new(4, 2, 2);

    public static IEnumerable<string> Ids => Root.Value["cases"]!.AsArray().Select(node => node!["id"]!.GetValue<string>());

    public static KDiffusionCase Find(string id) =>
        new(Root.Value["cases"]!.AsArray().Single(node => node!["id"]!.GetValue<string>() == id)!, Root.Value["problems"]!);

    public string Sampler => node["sampler"]!.GetValue<string>();

    public int Evaluations => node["nfe"]!.GetValue<int>();

    public int Batch => node["batch"]!.GetValue<int>();

    /// <summary>Attempts of the adaptive sampler, otherwise null.</summary>
    public int? Attempts => node["f64"]!["info"]?["steps"]!.GetValue<int>();

    public double Number(string argument, double missing) => node["args"]![argument]?.GetValue<double>() ?? missing;

    public string Text(string argument, string missing) => node["args"]![argument]?.GetValue<string>() ?? missing;

    public double[][] Samples => [.. node["f64"]!["samples"]!.AsArray().Select(sample => Doubles(sample!))];

    /// <summary>The largest difference allowed, relative where values exceed 1 (tests/golden/README.md, section 9).</summary>
    public double Tolerance =>
        Math.Max(Sampler == "sample_dpm_adaptive" ? 5e-4 : 2e-5, 4 * node["f32_vs_f64"]!["max_scaled_diff_final"]!.GetValue<double>());

    public GaussianMixture Mixture
    {
        get
        {
            var problem = problems[node["problem"]!.GetValue<string>()]!;
            return new(Doubles(problem["weights"]!), [.. problem["means"]!.AsArray().Select(mean => Doubles(mean!))], Doubles(problem["stds"]!));
        }
    }

    /// <summary>The start of one item of the batch.</summary>
    public double[] Start(int item) => Item(Doubles(node["init_noise"]!), item);

    /// <summary>The noise of one item of the batch, by draw.</summary>
    public double[][] Noise(int item) => node["step_noise"] is JsonArray draws ? [.. draws.Select(draw => Item(Doubles(draw!), item))] : [];

    /// <summary>The sigmas of the trajectory: those of the schedule, or both ends where the sampler takes no more.</summary>
    public double[] Sigmas
    {
        get
        {
            var schedule = node["schedule"]!;
            var (minimum, maximum) = (schedule["sigma_min"]?.GetValue<double>() ?? 0, schedule["sigma_max"]?.GetValue<double>() ?? 0);
            var n = schedule["n"]?.GetValue<int>() ?? 1;
            return schedule["schedule"]?.GetValue<string>() switch
            {
                // DPM-Solver-fast takes one evaluation a step of the trajectory, and only its ends matter.
                null => SigmaRamps.Exponential(maximum, minimum, n + 1),
                "karras" => [.. SigmaRamps.Karras(maximum, minimum, n, schedule["rho"]?.GetValue<double>() ?? 7), 0],
                "exponential" => [.. SigmaRamps.Exponential(maximum, minimum, n), 0],
                "polyexponential" => [.. SigmaRamps.PolyExponential(maximum, minimum, n, schedule["rho"]?.GetValue<double>() ?? 1), 0],
                "vp" => [.. SigmaRamps.VariancePreserving(n), 0],
                var kind => throw new InvalidDataException($"Unknown schedule '{kind}'."),
            };
        }
    }

    internal static double[] Item(double[] batch, int item) => batch[(item * Shape.Length)..((item + 1) * Shape.Length)];

    private static double[] Doubles(JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<double>())];
}
