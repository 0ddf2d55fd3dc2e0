using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Server;

/// <summary>Options that an arm sets in the requests it gets. They are fields of <see cref="ImageGenerationBody"/> like those of any request, read and checked by the same code.</summary>
internal static class ArmOptions
{
    // What says what is asked for, by whom and how it goes out; an arm says how it is made.
    private static readonly FrozenSet<string> OfTheRequest = new[]
    {
        "prompt", "n", "seed", "user", "stream", "partial_images", "preview", "priority", "timeout_ms", "class_label", "strength", "response_format", "output_format", "output_compression", "experiment",
    }.ToFrozenSet();

    /// <summary>Reads an arm's options.</summary>
    /// <param name="options">A JSON object.</param>
    /// <param name="field">Where they are, for errors.</param>
    /// <exception cref="BadRequestException">It is no object, or has a field that is unknown, of the wrong type, or not for arms.</exception>
    public static ImageGenerationBody Read(JsonElement options, string field)
    {
        if (options.ValueKind != JsonValueKind.Object)
            throw new BadRequestException(HttpError.Invalid($"'{field}' must be an object of options.", field, "invalid_type"));
        foreach (var option in options.EnumerateObject())
            if (OfTheRequest.Contains(option.Name))
                throw new BadRequestException(HttpError.Invalid($"'{field}.{option.Name}' cannot be set by an arm: it belongs to the request.", $"{field}.{option.Name}", "invalid_value"));
        try
        {
            return RequestBody.Read(options.GetRawText(), ServerJson.Default.ImageGenerationBody);
        }
        catch (BadRequestException exception)
        {
            throw Within(exception.Error, field);
        }
    }

    /// <summary>The request with an arm's options.</summary>
    public static ImageGenerationBody Apply(ImageGenerationBody body, string options)
    {
        var merged = JsonSerializer.SerializeToNode(body, ServerJson.Default.ImageGenerationBody)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(options)!.AsObject())
            merged[name] = value?.DeepClone();
        return merged.Deserialize(ServerJson.Default.ImageGenerationBody)!;
    }

    /// <summary>The first option of any of the arms that the request sets itself; null for none.</summary>
    public static string? SetBy(ImageGenerationBody body, IEnumerable<string> arms)
    {
        var set = JsonSerializer.SerializeToNode(body, ServerJson.Default.ImageGenerationBody)!.AsObject();
        return arms.SelectMany(options => JsonNode.Parse(options)!.AsObject()).Where(option => option.Value is not null).Select(option => option.Key).FirstOrDefault(name => set[name] is not null);
    }

    /// <summary>The same error, its field within another.</summary>
    public static BadRequestException Within(HttpError error, string field)
    {
        var at = error.Error.Param is { } inner ? $"{field}.{inner}" : field;
        return new(error with { Error = error.Error with { Message = $"{at}: {error.Error.Message}", Param = at } });
    }
}
