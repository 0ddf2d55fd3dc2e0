using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>One case of tests/golden/dpmsolver_official.json (tests/golden/README.md, section 6).</summary>
internal sealed class DpmSolverCase(JsonNode node, JsonNode problems)
{
    private static readonly Lazy<JsonNode> Root = new(() => Load("dpmsolver_official.json"));
    private static readonly Lazy<JsonNode> Tables = new(() => Load("vp_tables.json"));

    public static LatentShape Shape { get; } = new(4, 2, 2);

    public static IEnumerable<string> Ids => Root.Value["cases"]!.AsArray().Select(node => node!["id"]!.GetValue<string>());

    public static DpmSolverCase Find(string id) =>
        new(Root.Value["cases"]!.AsArray().Single(node => node!["id"]!.GetValue<string>() == id)!, Root.Value["problems"]!);

    public DpmForm Form => node["algorithm_type"]!.GetValue<string>() == "dpmsolver" ? DpmForm.Noise : DpmForm.Data;

    public int Evaluations => node["nfe"]!.GetValue<int>();

    public int Batch => node["batch"]!.GetValue<int>();

    public string Method => Text("method", "multistep");

    public int Order => (int)Number("order", 2);

    public int Steps => (int)Number("steps", 20);

    public DpmFormula Formula => Text("solver_type", "dpmsolver") == "taylor" ? DpmFormula.Heun : DpmFormula.Midpoint;

    public TimeSpacing Spacing => Text("skip_type", "time_uniform") switch
    {
        "time_uniform" => TimeSpacing.TimeUniform,
        "time_quadratic" => TimeSpacing.TimeQuadratic,
        "logSNR" => TimeSpacing.LogSnr,
        var name => throw new InvalidDataException($"Unknown skip_type '{name}'."),
    };

    /// <summary>Ratio and smallest threshold of dynamic thresholding, or null.</summary>
    public (double Ratio, double Minimum)? Thresholding => node["thresholding"] is { } thresholding
        ? (thresholding["ratio"]!.GetValue<double>(), thresholding["max_val"]!.GetValue<double>())
        : null;

    public DpmSolverSchedule Schedule =>
        new(Doubles(Tables.Value["tables"]![node["table"]!.GetValue<string>()]!["f64"]!["alphas_cumprod"]!));

    /// <summary>Times of all evaluations, in timesteps.</summary>
    public double[] Timesteps => Doubles(node["f64"]!["model_t"]!);

    /// <summary>The states after each step, the final one last; only that for adaptive cases.</summary>
    public double[][] States => node["f64"]!["intermediates"] is JsonArray states
        ? [.. states.Select(state => Doubles(state!))]
        : [Doubles(node["f64"]!["final"]!)];

    /// <summary>The largest difference allowed, relative where values exceed 1 (tests/golden/README.md, section 9).</summary>
    public double Tolerance => Math.Max(2e-5, 4 * node["f32_vs_f64"]!["max_scaled_diff_final"]!.GetValue<double>());

    public GaussianMixture Mixture
    {
        get
        {
            var problem = problems[node["problem"]!.GetValue<string>()]!;
            return new(Doubles(problem["weights"]!), [.. problem["means"]!.AsArray().Select(mean => Doubles(mean!))], Doubles(problem["stds"]!));
        }
    }

    public double Number(string argument, double missing) => node["args"]![argument]?.GetValue<double>() ?? missing;

    public bool Flag(string argument, bool missing) => node["args"]![argument]?.GetValue<bool>() ?? missing;

    /// <summary>The start of one item of the batch.</summary>
    public float[] Start(int item) => [.. Item(Doubles(node["init_noise"]!), item).Select(value => (float)value)];

    internal static double[] Item(double[] batch, int item) => batch[(item * Shape.Length)..((item + 1) * Shape.Length)];

    private string Text(string argument, string missing) => node["args"]![argument]?.GetValue<string>() ?? missing;

    private static double[] Doubles(JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<double>())];

    private static JsonNode Load(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", file)))!;
}
