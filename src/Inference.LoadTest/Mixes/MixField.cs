using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>A field of a mix that goes into request bodies.</summary>
/// <param name="Name">Name in the mix file.</param>
/// <param name="BodyName">Name in the body of <c>POST /v1/images/generations</c>.</param>
/// <param name="Allowed">For messages: what a value must be.</param>
/// <param name="Accepts">Whether a value is allowed.</param>
internal sealed record MixField(string Name, string BodyName, string Allowed, Func<JsonElement, bool> Accepts)
{
    public const string RandomSeed = "random";

    public static readonly MixField Prompt = new("prompt", "prompt", "a string that is not empty", IsText);
    public static readonly MixField Size = new("size", "size", "WIDTHxHEIGHT or auto", value => value.ValueKind == JsonValueKind.String && (value.GetString() == "auto" || PixelSize.Parse(value.GetString()) is not null));
    public static readonly MixField Count = new("n", "n", "a whole number from 1 to 100", value => IsInteger(value, 1, 100));
    public static readonly MixField Seed = new("seed", "seed", "a whole number from 0, or \"random\"", value => IsInteger(value, 0, long.MaxValue) || value.ValueKind == JsonValueKind.String && value.ValueEquals(RandomSeed));
    public static readonly MixField Stream = new("stream", "stream", "true or false", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);

    /// <summary>Every field, in the order in which values are drawn.</summary>
    public static IReadOnlyList<MixField> All { get; } =
    [
        Prompt,
        new("negative_prompt", "negative_prompt", "a string", value => value.ValueKind == JsonValueKind.String),
        new("model", "model", "a string that is not empty", IsText),
        Size,
        Count,
        new("steps", "num_inference_steps", "a whole number from 1 to 10000", value => IsInteger(value, 1, 10_000)),
        new("sampler", "sampler", "a string that is not empty", IsText),
        new("guidance_scale", "guidance_scale", "a number from 0 to 1000", value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and <= 1000),
        Seed,
        new("priority", "priority", "a whole number, or a string that is not empty", value => IsInteger(value, long.MinValue, long.MaxValue) || IsText(value)),
        Stream,
        new("output_format", "output_format", "a string that is not empty", IsText),
        new("response_format", "response_format", "a string that is not empty", IsText),
    ];

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString());

    private static bool IsInteger(JsonElement value, long from, long to) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= from && number <= to;
}
