using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>tests/golden/exact.json: exact solutions of the probability flow (tests/golden/README.md, section 7).</summary>
internal static class ExactProblems
{
    private static readonly Lazy<JsonNode> _exact = new(() => Read("exact.json"));
    private static readonly Lazy<double[]> _alphasCumprod = new(() => Numbers(Read("vp_tables.json")["tables"]!["sd"]!["f64"]!["alphas_cumprod"]!));

    public static IEnumerable<string> Ids => _exact.Value["cases"]!.AsArray().Select(@case => @case!["id"]!.GetValue<string>());

    public static JsonNode Case(string id) => _exact.Value["cases"]!.AsArray().Single(@case => @case!["id"]!.GetValue<string>() == id)!;

    public static GaussianMixture Mixture(JsonNode @case)
    {
        var problem = _exact.Value["problems"]![@case["problem"]!.GetValue<string>()]!;
        return new(Numbers(problem["weights"]!), [.. problem["means"]!.AsArray().Select(mean => Numbers(mean!))], Numbers(problem["stds"]!));
    }

    public static double[] Noise(JsonNode @case) => Numbers(@case["init_noise"]!);

    public static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(value => value!.GetValue<double>())];

    /// <summary>σ/α of Stable Diffusion's table.</summary>
    public static double Kappa(int timestep) => Math.Sqrt((1 - _alphasCumprod.Value[timestep]) / _alphasCumprod.Value[timestep]);

    public static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", file)))!;
}
