using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Inference.Server;

/// <summary>Reads multipart bodies as strictly as JSON ones: fields become the JSON they stand for and are read as that.</summary>
internal static class MultipartBody
{
    // OpenAI's clients name the file so when there may be several.
    private const string ImageList = "image[]";
    private const string Image = "image";

    /// <exception cref="BadRequestException">Not multipart, or malformed.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) != true)
            throw new BadRequestException(HttpError.Invalid("Content-Type must be multipart/form-data.", null, "unsupported_media_type", StatusCodes.Status415UnsupportedMediaType));
        try
        {
            return await request.ReadFormAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException || (exception is IOException and not BadHttpRequestException && !cancellationToken.IsCancellationRequested))
        {
            throw new BadRequestException(HttpError.Invalid($"The body is no valid multipart form: {exception.Message}", null, "invalid_multipart"));
        }
    }

    /// <summary>The fields as a body.</summary>
    /// <exception cref="BadRequestException">A field is unknown, given twice or of the wrong type.</exception>
    public static T Fields<T>(IFormCollection form, JsonTypeInfo<T> type)
    {
        var json = new JsonObject();
        foreach (var (name, values) in form)
        {
            if (values.Count > 1)
                throw new BadRequestException(HttpError.Invalid($"A parameter is given twice: '{name}'.", name, "duplicate_parameter"));
            var property = type.Properties.FirstOrDefault(property => property.Name == name);
            json[name] = property is null || property.PropertyType == typeof(string) ? JsonValue.Create(values.ToString()) : Literal(values.ToString());
        }
        return RequestBody.Read(json.ToJsonString(), type);
    }

    /// <summary>The bytes of the picture to start from.</summary>
    /// <exception cref="BadRequestException">There is none, more than one, or another file.</exception>
    public static async Task<byte[]> ImageAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        foreach (var other in form.Files.Where(file => file.Name is not (Image or ImageList)))
            throw new BadRequestException(RefusedParameters.Error(other.Name) ?? HttpError.Invalid($"Unknown file: '{other.Name}'. Known is: {Image}.", other.Name, "unknown_parameter"));
        if (form.Files.Count == 0)
            throw new BadRequestException(HttpError.Invalid("Missing required parameter: 'image', a PNG, JPEG or WebP file.", Image, "missing_required_parameter"));
        if (form.Files.Count > 1)
            throw new BadRequestException(HttpError.Invalid("Only one 'image' can be served.", Image, "invalid_value"));
        using var copy = new MemoryStream();
        await form.Files[0].CopyToAsync(copy, cancellationToken);
        return copy.ToArray();
    }

    // A number, true or false as it stands; what is none of these stays text, which the typed reader then refuses by name.
    private static JsonNode? Literal(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
