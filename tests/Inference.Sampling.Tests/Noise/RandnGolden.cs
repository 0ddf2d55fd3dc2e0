using System.Text.Json.Nodes;

namespace Inference.Sampling.Tests;

/// <summary>tests/golden/randn.json: what torch draws on the CPU and on CUDA devices (tests/golden/README.md, section 8).</summary>
internal static class RandnGolden
{
    private static readonly Lazy<JsonNode> _root = new(() => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "randn.json")))!);

    public static JsonArray Cases => _root.Value["cases"]!.AsArray();

    public static JsonNode Philox => _root.Value["philox"]!;

    /// <summary>A node that is either an array of numbers or an object holding one under "f32".</summary>
    public static float[] Floats(JsonNode node) =>
        [.. (node as JsonArray ?? node["f32"]!.AsArray()).Select(value => value!.GetValue<float>())];

    public static LatentShape Shape(int length) => new(1, 1, length);

    public static int Length(JsonNode @case) => @case["shape"]!.AsArray().Aggregate(1, (product, dimension) => product * dimension!.GetValue<int>());

    public static ulong Seed(JsonNode @case) => @case["seed"]!.GetValue<ulong>();
}
