using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Inference.Server;

/// <summary>Reads JSON bodies strictly; every fault is an error that names the field.</summary>
internal static class RequestBody
{
    /// <exception cref="BadRequestException">Wrong content type, no JSON, an unknown field, a value of the wrong type.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
            throw new BadRequestException(HttpError.Invalid("Content-Type must be application/json.", null, "unsupported_media_type", StatusCodes.Status415UnsupportedMediaType));
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken)
                ?? throw new BadRequestException(HttpError.Invalid("The body must be a JSON object, not null.", null, "invalid_json"));
        }
        catch (JsonException exception)
        {
            throw new BadRequestException(Describe(exception, type));
        }
        // Kestrel's word for chunks whose size is beyond all bounds.
        catch (IOException exception) when (exception is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw new BadRequestException(HttpError.Invalid($"The body cannot be read: {exception.Message}", null, "invalid_body"));
        }
    }

    /// <summary>Reads JSON that was put together from another kind of body.</summary>
    /// <exception cref="BadRequestException">An unknown field, a value of the wrong type.</exception>
    public static T Read<T>(string json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type)!;
        }
        catch (JsonException exception)
        {
            throw new BadRequestException(Describe(exception, type));
        }
    }

    private static HttpError Describe<T>(JsonException exception, JsonTypeInfo<T> type)
    {
        var field = FieldOf(exception.Path);
        // The reader stumbled, not a converter: whatever field it was in, the text is no JSON.
        if (exception.InnerException is JsonException)
            return HttpError.Invalid($"The body is not valid JSON: {WithoutPath(exception.Message)}", field, "invalid_json");
        // Of an object within the body, the name of the field is its path.
        if (exception.Message.Contains("could not be mapped", StringComparison.Ordinal) && !exception.Message.Contains($"'{type.Type}'", StringComparison.Ordinal) && exception.Path?.TrimStart('$', '.') is { } path)
            return HttpError.Invalid($"Unknown parameter: '{path}'.", path, "unknown_parameter");
        if (field is null && exception.Message.Contains("could not be converted", StringComparison.Ordinal))
            return HttpError.Invalid("The body is not valid JSON for this request: it must be an object.", null, "invalid_json");
        if (field is not null && Nested(exception, field) is { } nested)
            return nested;
        if (field is not null && type.Properties.FirstOrDefault(property => property.Name == field) is { } known && !exception.Message.Contains("uplicate", StringComparison.Ordinal))
            return HttpError.Invalid($"'{field}' must be {Kind(known.PropertyType)}.", field, "invalid_type");
        if (RefusedParameters.Error(field) is { } refused)
            return refused;
        if (exception.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return HttpError.Invalid($"Unknown parameter: '{field}'. Known are: {string.Join(", ", type.Properties.Select(property => property.Name))}.", field, "unknown_parameter");
        if (exception.Message.Contains("missing required", StringComparison.Ordinal))
            return HttpError.Invalid($"Missing required parameter: '{Missing(exception, type)}'.", Missing(exception, type), "missing_required_parameter");
        if (exception.Message.Contains("uplicate", StringComparison.Ordinal))
            return HttpError.Invalid($"A parameter is given twice: '{field}'.", field, "duplicate_parameter");
        return HttpError.Invalid($"The body is not valid JSON: {WithoutPath(exception.Message)}", field, "invalid_json");
    }

    // Of an object in an array, and of what is in it, the path says which one it is.
    private static HttpError? Nested(JsonException exception, string field)
    {
        var path = exception.Path!.TrimStart('$', '.');
        if (!path.StartsWith(field + "[", StringComparison.Ordinal) || exception.Message.Contains("uplicate", StringComparison.Ordinal))
            return null;
        if (exception.Message.Contains("missing required", StringComparison.Ordinal) && exception.Message.Split('\'') is [.., var missing, _])
            return HttpError.Invalid($"Missing required parameter: '{path}.{missing}'.", $"{path}.{missing}", "missing_required_parameter");
        return path.EndsWith(']') ? null : HttpError.Invalid($"'{path}' must be {KindOf(exception.Message)}.", path, "invalid_type");
    }

    private static string KindOf(string message) =>
        message.Contains("System.Double", StringComparison.Ordinal) ? "a number"
        : message.Contains("System.Int", StringComparison.Ordinal) ? "a whole number"
        : message.Contains("System.Boolean", StringComparison.Ordinal) ? "true or false"
        : message.Contains("System.String", StringComparison.Ordinal) ? "a string" : "an object";

    // "$.n" or, where the name has other characters, "$['a b']"; of a path into a value, "$.sigmas[2]", the field is the first part.
    private static string? FieldOf(string? path) => path?.TrimStart('$') switch
    {
        null or "" => null,
        ['[', '\'', .. var name, '\'', ']'] => name,
        var name => name.TrimStart('.').Split('[', '.')[0],
    };

    private static string Missing<T>(JsonException exception, JsonTypeInfo<T> type) =>
        type.Properties.First(property => property.IsRequired && exception.Message.Contains($"'{property.Name}'", StringComparison.Ordinal)).Name;

    private static string WithoutPath(string message) => message.Split(" Path: ")[0];

    private static string Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => "a string",
        var t when t == typeof(JsonElement) => "text without halves of surrogate pairs, where it is text",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(int) => $"a whole number from {int.MinValue} to {int.MaxValue}",
        var t when t == typeof(long) => "a whole number",
        var t when t == typeof(double) => "a number",
        var t when t == typeof(double[]) => "an array of numbers",
        var t when t == typeof(Dictionary<string, JsonElement>) || t == typeof(WebUiOptions) => "an object",
        var t when t == typeof(IReadOnlyList<string>) || t == typeof(string[]) => "an array of strings",
        var t when t == typeof(IReadOnlyList<ArmBody>) => "an array of objects",
        var t when t == typeof(PairingBody) || t == typeof(StopBody) => "an object with values of the right types",
        var t => $"a {t.Name}",
    };
}
