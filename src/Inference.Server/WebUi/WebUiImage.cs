using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The picture that an img2img request starts from.</summary>
internal static class WebUiImage
{
    private const string DataUrl = "data:image/";
    private const string Base64 = ";base64,";

    /// <summary>Its pixels.</summary>
    /// <exception cref="BadRequestException">There is none, more than one, or it is no picture. URLs are never fetched.</exception>
    public static RgbImage Decode(WebUiBody body, ImageRequestReader reader)
    {
        try
        {
            return reader.Decode(Read(body));
        }
        catch (ImageCodecException exception)
        {
            throw Refused(exception.Message);
        }
    }

    /// <summary>Its file.</summary>
    /// <exception cref="BadRequestException">There is none, more than one, or it is no base64. URLs are never fetched.</exception>
    public static byte[] Read(WebUiBody body)
    {
        if (body.InitImages is not [{ Length: > 0 } text])
            throw Refused("'init_images' must have exactly one picture.");
        if (text.StartsWith(DataUrl, StringComparison.OrdinalIgnoreCase) && text.IndexOf(Base64, StringComparison.OrdinalIgnoreCase) is > 0 and < 64 and var end)
            text = text[(end + Base64.Length)..];
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw Refused("'init_images' must be a PNG, JPEG or WebP file in base64, as it is or as a data URL; other URLs are not fetched.");
        }
    }

    private static BadRequestException Refused(string message) => new(HttpError.Invalid(message, "init_images", "invalid_value"));
}
