using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>One case of a golden file: a request, and what diffusers makes of it.</summary>
internal sealed class GoldenCase
{
    private readonly JsonElement _json;
    private readonly string _folder;

    private GoldenCase(string folder, JsonElement json) => (_folder, _json) = (folder, json);

    public string Name => _json.GetProperty("name").GetString()!;

    /// <summary>Final latents of all pictures.</summary>
    public GoldenTensor Latents => GoldenTensor.Read(_json.GetProperty("expected").GetProperty("latents"));

    /// <summary>Pictures [n, height, width, 3] in [0, 1].</summary>
    public GoldenTensor Images => GoldenTensor.Read(_json.GetProperty("expected").GetProperty("image_hwc_0to1"));

    /// <summary>The cases of a model folder: of the golden file of its name, or, for a float16 copy, of the model it is a copy of.</summary>
    public static IEnumerable<GoldenCase> Of(string folder)
    {
        var file = TestPipelines.GoldenFile(folder + ".json");
        if (!File.Exists(file))
            file = TestPipelines.GoldenFile(folder.Replace("-fp16", "", StringComparison.Ordinal) + ".json");
        return File.Exists(file)
            ? JsonDocument.Parse(Readable(file)).RootElement.GetProperty("cases").EnumerateArray().Select(json => new GoldenCase(folder, json))
            : [];
    }

    public GenerationRequest Request()
    {
        var labels = _json.TryGetProperty("cls", out var classes) && classes.ValueKind == JsonValueKind.Array ? classes.EnumerateArray().Select(label => label.GetInt32()).ToArray() : [];
        return new()
        {
            Prompt = Text("prompt") ?? "",
            NegativePrompt = Text("negative_prompt"),
            ClassLabels = [.. labels],
            Steps = _json.GetProperty("steps").GetInt32(),
            GuidanceScale = _json.GetProperty("guidance_scale").GetDouble(),
            Seed = _json.GetProperty("seed").GetInt64(),
            Count = Math.Max(labels.Length, 1) * _json.GetProperty("n").GetInt32(),
            Size = new(_json.GetProperty("width").GetInt32(), _json.GetProperty("height").GetInt32()),
            Image = Image(),
            Strength = _json.TryGetProperty("strength", out var strength) && strength.ValueKind == JsonValueKind.Number ? strength.GetDouble() : null,
        };
    }

    /// <summary>The scheduler of the case: the override on top of the model's own configuration; null where it has none.</summary>
    public SchedulerConfig? Scheduler()
    {
        if (!_json.TryGetProperty("scheduler", out var settings) || settings.ValueKind != JsonValueKind.Object)
            return null;
        var own = JsonNode.Parse(Readable(Path.Combine(TestPipelines.Folder(_folder), "scheduler", "scheduler_config.json")))!.AsObject();
        foreach (var setting in settings.EnumerateObject())
            own[setting.Name] = JsonNode.Parse(setting.Value.GetRawText());
        return SchedulerConfig.Parse(own.ToJsonString());
    }

    /// <summary>Ids of the prompt by the name of the tokenizer's folder.</summary>
    public IEnumerable<(string Tokenizer, long[] Ids)> TokenIds() =>
        _json.TryGetProperty("token_ids", out var tokenizers) && tokenizers.ValueKind == JsonValueKind.Object
            ? tokenizers.EnumerateObject().Select(entry => (entry.Name, entry.Value.EnumerateArray().Select(id => id.GetInt64()).ToArray()))
            : [];

    public override string ToString() => Name;

    private RgbImage? Image()
    {
        if (!_json.TryGetProperty("input_image", out var image) || image.ValueKind != JsonValueKind.Object)
            return null;
        var pixels = image.GetProperty("u8_rgb").GetBytesFromBase64();
        var width = image.GetProperty("size").GetInt32();
        return new(width, pixels.Length / 3 / width, pixels);
    }

    // Python writes infinity as a bare word.
    private static string Readable(string file) => File.ReadAllText(file).Replace(": -Infinity", ": \"-inf\"", StringComparison.Ordinal);

    private string? Text(string name) => _json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
