using System.Globalization;
using System.Text.Json;
using Inference.Onnx;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>diffusers' own cache hooks, inside PyTorch, against ours on ordinary exports, through the code that serves requests: the same steps computed in
/// full, and final latents within 2e-4 of their standard deviation.</summary>
[Trait("Category", "Golden")]
public sealed class CacheGoldenTests(LoadedPipelines pipelines, ITestOutputHelper output) : IClassFixture<LoadedPipelines>
{
    private const double Tolerance = 2e-4;

    public static TheoryData<string> Cases => new(Read().Select(json => json.GetProperty("name").GetString()!));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_GivesTheReferencesStepsAndLatents(string name)
    {
        var golden = Read().Single(json => json.GetProperty("name").GetString() == name);
        var request = RequestOf(golden);
        var trace = await pipelines[golden.GetProperty("pipeline").GetString()!].TraceAsync(request);
        Assert.Equal(golden.GetProperty("full_steps").EnumerateArray().Select(step => step.GetInt32()), trace.Caches[0]!.FullSteps);

        var expected = GoldenTensor.Read(golden.GetProperty("expected").GetProperty("latents"));
        using var latent = Latent.From(trace.Shape, trace.Latents[0]);
        var actual = trace.Latents[0].ToArray();
        // The reference keeps packed latents packed.
        if (expected.Shape.Length == 3)
            PackedLayout.Pack(latent, actual);
        var error = expected.RelativeError(actual);
        output.WriteLine($"{name}: {error:E2} of std, {trace.Caches[0]!.FullSteps.Count} of {request.Steps} steps in full");
        Assert.True(error <= Tolerance, $"latents {error}");
    }

    internal static JsonElement[] Read() => File.Exists(TestPipelines.GoldenFile("cache.json"))
        ? [.. JsonDocument.Parse(File.ReadAllText(TestPipelines.GoldenFile("cache.json"))).RootElement.GetProperty("cases").EnumerateArray()]
        : [];

    internal static GenerationRequest RequestOf(JsonElement golden)
    {
        var steps = golden.GetProperty("steps").GetInt32();
        return new()
        {
            Prompt = golden.GetProperty("prompt").GetString()!,
            Seed = golden.GetProperty("seed").GetInt64(),
            Count = golden.GetProperty("n").GetInt32(),
            Steps = steps,
            GuidanceScale = golden.GetProperty("guidance_scale").GetDouble(),
            Size = new(golden.GetProperty("width").GetInt32(), golden.GetProperty("height").GetInt32()),
            Cache = CacheOf(golden.GetProperty("cache"), steps),
        };
    }

    private static CacheRequest CacheOf(JsonElement cache, int steps)
    {
        var options = new Dictionary<string, object>();
        foreach (var option in cache.EnumerateObject().Where(option => option.Name is not ("policy" or "ratios" or "hi" or "lo") && option.Value.ValueKind != JsonValueKind.Null))
            options[option.Name] = option.Value.ValueKind == JsonValueKind.Number ? option.Value.GetDouble() : option.Value.GetString()!;
        if (cache.TryGetProperty("ratios", out var ratios))
            options["ratios"] = ratios.ValueKind == JsonValueKind.Array
                ? string.Join(',', ratios.EnumerateArray().Select(ratio => ratio.GetRawText()))
                : string.Join(',', Enumerable.Range(0, steps).Select(i => Linear(cache.GetProperty("hi").GetDouble(), cache.GetProperty("lo").GetDouble(), i, steps).ToString("R", CultureInfo.InvariantCulture)));
        return new(cache.GetProperty("policy").GetString()!, options);
    }

    private static double Linear(double first, double last, int i, int count) => count == 1 ? first : first + (last - first) * i / (count - 1);
}
