using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A preset file cannot be used; the message says why.</summary>
public sealed class PresetException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A named setting for one model, as a file: made by <c>inference tune</c>, loaded by the server.</summary>
public sealed record TunedPreset
{
    private const int MostName = 64;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Name in requests: letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the model that it is for.</summary>
    public required string Model { get; init; }

    /// <summary>Identifies the model's files.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Options of a request, as the HTTP API names them.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>What was measured when it was made, for people.</summary>
    public required JsonObject Measured { get; init; }

    /// <summary>The options of a request that are not null.</summary>
    /// <param name="request">The request; only sampler, schedule, steps, levels and cache are taken.</param>
    public static JsonObject OptionsOf(GenerationRequest request)
    {
        var options = new JsonObject();
        if (request.Sampler is { } sampler)
            options["sampler"] = sampler;
        if (request.Schedule is { } schedule)
            options["schedule"] = schedule;
        if (request.Sigmas is { } sigmas)
            options["sigmas"] = new JsonArray([.. sigmas.Select(sigma => (JsonNode)sigma)]);
        else if (request.Steps is { } steps)
            options["num_inference_steps"] = steps;
        if (request.Cache is { } cache)
            options["cache"] = CacheOf(cache);
        return options;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="PresetException">It cannot be read, or is no preset.</exception>
    public static TunedPreset Read(string path)
    {
        try
        {
            var preset = JsonSerializer.Deserialize<TunedPreset>(File.ReadAllText(path), Json) ?? throw new PresetException($"Preset '{path}' is null.");
            return IsName(preset.Name) ? preset : throw new PresetException($"Preset '{path}': 'name' must have from 1 to {MostName} of the characters A to Z, a to z, 0 to 9, '.', '_' and '-'.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new PresetException($"Preset '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a text can be the name of a preset.</summary>
    public static bool IsName(string text) => text.Length is >= 1 and <= MostName && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Writes the file.</summary>
    public Task WriteAsync(string path, CancellationToken cancellationToken) => File.WriteAllTextAsync(path, JsonSerializer.Serialize(this, Json) + "\n", cancellationToken);

    private static JsonObject CacheOf(CacheRequest cache)
    {
        var options = new JsonObject { ["policy"] = cache.Policy };
        foreach (var (name, value) in cache.Options)
            options[name] = value switch { double number => number, int number => number, bool flag => flag, _ => (string)value };
        return options;
    }
}
