using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Inference.Server;

/// <summary>
/// Gives a body to the errors that Kestrel answers by itself, before any of our code has seen the request: what is no valid HTTP, headers that are too
/// large or too slow. They leave as one block of headers without a request id, which every answer of ours has; anything else passes untouched.
/// </summary>
internal sealed class ProtocolErrorWriter(PipeWriter inner) : PipeWriter
{
    private const int LargestBlock = 512;
    private const int StatusAt = 9;
    private Memory<byte> _block;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes)
    {
        if (bytes is > StatusAt + 3 and < LargestBlock && IsBare(_block.Span[..bytes]))
            inner.Write(WithBody(_block.Span[..bytes]));
        else
            inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _block = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    private static bool IsBare(ReadOnlySpan<byte> block) =>
        block.StartsWith("HTTP/1.1 4"u8) && block.IndexOf("\r\nContent-Length: 0\r\n"u8) > 0 && block.IndexOf("\r\nConnection: close\r\n"u8) > 0
        && block.IndexOf("x-request-id"u8) < 0 && block.EndsWith("\r\n\r\n"u8);

    private static byte[] WithBody(ReadOnlySpan<byte> block)
    {
        var status = int.Parse(block.Slice(StatusAt, 3), CultureInfo.InvariantCulture);
        var error = status switch
        {
            StatusCodes.Status408RequestTimeout => HttpError.Invalid("The headers of the request came too slowly (Inference:Connections:HeaderMilliseconds).", "headers", "headers_too_slow", status),
            StatusCodes.Status414UriTooLong => HttpError.Invalid("The URL of the request is too long.", "url", "url_too_long", status),
            StatusCodes.Status431RequestHeaderFieldsTooLarge => HttpError.Invalid(
                "The headers of the request are too many or too large (Inference:Connections:MaxHeaders, MaxHeaderBytes).", "headers", "headers_too_large", status),
            _ => HttpError.Invalid("The request is no valid HTTP: its request line or headers are malformed.", "headers", "invalid_http", status),
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(new(error.Error), ServerJson.Default.OpenAiErrorResponse);
        var headers = Encoding.ASCII.GetString(block).Replace("\r\nContent-Length: 0\r\n", $"\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {body.Length}\r\n", StringComparison.Ordinal);
        return [.. Encoding.ASCII.GetBytes(headers), .. body];
    }
}
