using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>tests/golden/exact.json: exact solutions of the probability flow (tests/golden/README.md, section 7).</summary>
internal static class ExactProblems
{
    private static readonly Lazy<JsonNode> _exact = new(() => Read("exact.json"));
    private static readonly Lazy<double[]> _alphasCumprod = new(() => Numbers(Read("vp_tables.json")["tables"]!["sd"]!["f64"]!["alphas_cumprod"]!));

    private static readonly (string, string)[] _convergenceProblems = [("A", "2024"), ("C", "2025"), ("A", "2025")];

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

    /// <summary>Root mean square error over the three problems of convergence.json, on a grid uniform in ln σ over Stable Diffusion's table.</summary>
    public static Task<double> LogUniformErrorAsync(ISampler sampler, int steps) => ErrorAsync(sampler, "vp", @case => (
        Orders.Schedule.LogUniform(steps, Kappa(999), Kappa(0)),
        Numbers(@case["x_vp_at_grid"]!.AsArray()[^1]!)));

    /// <summary>The same on Karras' grid (Karras et al. 2022, eq. 5, ρ = 7), with α = 1.</summary>
    public static Task<double> KarrasErrorAsync(ISampler sampler, int steps) => ErrorAsync(sampler, "k14.6146", @case =>
    {
        var (maximum, minimum) = (Math.Pow(14.6146, 1 / 7.0), Math.Pow(0.0292, 1 / 7.0));
        NoiseLevel Level(int i) => new(1, Math.Pow(maximum + (minimum - maximum) * i / steps, 7));
        return (
            new([.. Enumerable.Range(0, steps).Select(i => new TrajectoryStep(Level(i), Level(i + 1)))], 14.6146, Orders.Schedule),
            Numbers(@case["y_at_grid"]!.AsArray()[1]!));
    });

    /// <summary>The same on the levels that a flow model's own scheduler plans, from pure noise to clean data.</summary>
    public static Task<double> FlowErrorAsync(SamplingPlan plan) => ErrorAsync(plan.Integrator, "flow", @case => (
        plan.Trajectory,
        Numbers(@case["x_at_grid"]!.AsArray()[^1]!)));

    private static async Task<double> ErrorAsync(ISampler sampler, string kind, Func<JsonNode, (Trajectory Trajectory, double[] Exact)> solve)
    {
        var sum = 0.0;
        foreach (var (problem, seed) in _convergenceProblems)
        {
            var @case = Case($"exact-{kind}-{problem}-{seed}");
            var (trajectory, exact) = solve(@case);
            using var x = Latent.From(new(4, 2, 2), [.. Noise(@case).Select(value => (float)(value * trajectory.InitialScale))]);
            await sampler.SampleAsync(new MixtureDenoiser(Mixture(@case)), x, trajectory, new UnitNoise(), NullObserver.Instance, CancellationToken.None);
            for (var i = 0; i < exact.Length; i++)
                sum += Math.Pow(x.Values[i] - exact[i], 2) / exact.Length;
        }
        return Math.Sqrt(sum / _convergenceProblems.Length);
    }

    public static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", file)))!;
}
