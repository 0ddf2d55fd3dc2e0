namespace Inference.Server;

/// <summary>Refuses compressed bodies: none is ever unpacked, so that a small body stays small.</summary>
internal sealed class ContentEncodingGate(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Headers.ContentEncoding is [] or [null or "" or "identity"]
            ? next(context)
            : throw new BadRequestException(HttpError.Invalid(
                "Content-Encoding must be identity: compressed bodies are not accepted.", "content-encoding", "unsupported_content_encoding", StatusCodes.Status415UnsupportedMediaType));
}
