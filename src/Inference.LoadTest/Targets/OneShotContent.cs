using System.Net;
using System.Net.Http.Headers;

namespace Inference.LoadTest;

/// <summary>A body that notes when it has left, and leaves only once: the HTTP handler's own retries on stale connections fail instead of hiding resets.</summary>
internal sealed class OneShotContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly TimeProvider _time;
    private int _uses;

    public OneShotContent(ReadOnlyMemory<byte> body, TimeProvider time)
    {
        (_body, _time) = (body, time);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>When the body was handed to the operating system.</summary>
    public long? SentAt { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _uses) > 1)
            throw new RetryRefusedException();
        await stream.WriteAsync(_body, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        SentAt = _time.GetTimestamp();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

/// <summary>The handler wanted to send a request again.</summary>
internal sealed class RetryRefusedException() : IOException("the server closed the connection before it answered");
