using Inference.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Inference.Server;

/// <summary>Reads the two kinds of bodies that ask for pictures.</summary>
internal sealed class ImageRequestReader(ServerOptions options, IImageCodec codec)
{
    /// <summary>Reads a JSON body.</summary>
    /// <exception cref="BadRequestException">It is malformed; the error names the field.</exception>
    public static async Task<ImageRequest> ReadJsonAsync(HttpContext context) =>
        new(await RequestBody.ReadAsync(context.Request, ServerJson.Default.ImageGenerationBody, context.RequestAborted), null);

    /// <summary>Reads a multipart body: file <c>image</c>, and the fields of a JSON body.</summary>
    /// <exception cref="BadRequestException">It is malformed; the error names the field.</exception>
    /// <exception cref="ImageCodecException">The file is no picture, or too large.</exception>
    public async Task<ImageRequest> ReadFormAsync(HttpContext context)
    {
        AllowBytes(context, (long)options.Limits.MaxBodyBytes + options.Limits.MaxImageBytes);
        var form = await MultipartBody.ReadAsync(context.Request, context.RequestAborted);
        var body = MultipartBody.Fields(form, ServerJson.Default.ImageGenerationBody);
        var file = await MultipartBody.ImageAsync(form, context.RequestAborted);
        return new(body, Decode(file), file);
    }

    /// <summary>Raises the limit of a body that has a picture in it.</summary>
    public static void AllowBytes(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = bytes;
    }

    /// <summary>Decodes a picture to start from.</summary>
    /// <exception cref="ImageCodecException">It is no picture, or too large.</exception>
    public RgbImage Decode(byte[] file) => codec.Decode(file, new() { MaxBytes = options.Limits.MaxImageBytes }).Image;
}
