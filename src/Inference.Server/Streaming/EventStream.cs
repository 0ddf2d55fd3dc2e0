using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Inference.Server;

/// <summary>
/// A response of server-sent events (WHATWG HTML, section 9.2). While nothing else is sent, a comment goes out at every heartbeat, so that proxies
/// keep the connection and a client that is gone is noticed.
/// </summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly byte[] Opening = ": accepted\n\n"u8.ToArray();
    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    private readonly HttpResponse _response;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _heartbeats;
    private bool _sent;

    private EventStream(HttpResponse response, TimeSpan heartbeat, TimeProvider time)
    {
        _response = response;
        _heartbeats = BeatAsync(heartbeat, time);
    }

    /// <summary>Begins the response: status 200 and a comment, so that the client knows that its request was let in.</summary>
    /// <param name="response">Where it goes.</param>
    /// <param name="heartbeat">Silence after which a comment is sent, above 0.</param>
    /// <param name="time">The clock of the heartbeat.</param>
    public static async Task<EventStream> OpenAsync(HttpResponse response, TimeSpan heartbeat, TimeProvider time)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        // nginx would collect events otherwise.
        response.Headers["x-accel-buffering"] = "no";
        await response.Body.WriteAsync(Opening, response.HttpContext.RequestAborted);
        await response.Body.FlushAsync(response.HttpContext.RequestAborted);
        return new(response, heartbeat, time);
    }

    /// <summary>Sends an event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data, sent as one line of JSON.</param>
    /// <param name="type">How the data is written.</param>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public Task SendAsync<T>(string name, T data, JsonTypeInfo<T> type) =>
        WriteAsync(Encoding.UTF8.GetBytes($"event: {name}\ndata: {JsonSerializer.Serialize(data, type)}\n\n"), _response.HttpContext.RequestAborted);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _heartbeats;
        _closed.Dispose();
        _writing.Dispose();
    }

    private async Task BeatAsync(TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, _response.HttpContext.RequestAborted);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                if (!_sent)
                    await WriteAsync(Heartbeat, stop.Token);
                _sent = false;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Closed, or the client is gone, which the request's own token tells.
        }
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _response.Body.WriteAsync(bytes, cancellationToken);
            await _response.Body.FlushAsync(cancellationToken);
            _sent = true;
        }
        finally
        {
            _writing.Release();
        }
    }
}
