using System.Text;
using Inference.TestKit;
using Microsoft.AspNetCore.Http;

namespace Inference.Server.Tests;

public sealed class EventStreamTests
{
    private readonly ManualTime _time = new();
    private readonly MemoryStream _body = new();
    private readonly DefaultHttpContext _context = new();

    public EventStreamTests() => _context.Response.Body = _body;

    private string Sent => Encoding.UTF8.GetString(_body.ToArray());

    [Fact]
    public async Task SendAsync_WritesNameAndOneLineOfJson()
    {
        await using (var stream = await OpenAsync())
            await stream.SendAsync("error", new(new("line one\nline two", "server_error", null, "x")), ServerJson.Default.StreamErrorEvent);
        Assert.Equal(": accepted\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"line one\\nline two\",\"type\":\"server_error\",\"param\":null,\"code\":\"x\"}}\n\n", Sent);
        Assert.Equal("text/event-stream; charset=utf-8", _context.Response.ContentType);
        Assert.Equal("no-cache", _context.Response.Headers.CacheControl);
    }

    [Fact]
    public async Task Silence_IsFilledWithComments_AndEventsCountAsSound()
    {
        await using (var stream = await OpenAsync())
        {
            await TickAsync(": accepted\n\n: heartbeat\n\n");
            await TickAsync(": accepted\n\n: heartbeat\n\n: heartbeat\n\n");
            await stream.SendAsync("error", new(new("m", "t", null, null)), ServerJson.Default.StreamErrorEvent);
        }
        Assert.Equal(1, Sent.Split("event: ").Length - 1);
        var closed = Sent;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(closed, Sent);
    }

    [Fact]
    public async Task Disconnect_EndsTheHeartbeats()
    {
        using var aborted = new CancellationTokenSource();
        _context.RequestAborted = aborted.Token;
        var stream = await OpenAsync();
        await aborted.CancelAsync();
        await stream.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(": accepted\n\n", Sent);
    }

    private Task<EventStream> OpenAsync() => EventStream.OpenAsync(_context.Response, TimeSpan.FromSeconds(10), _time);

    // Heartbeats are written on the pool; one after an event is left out.
    private async Task TickAsync(string expected)
    {
        for (var i = 0; i < 2000 && Sent != expected; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            for (var j = 0; j < 50 && Sent != expected; j++)
                await Task.Delay(1);
        }
        Assert.Equal(expected, Sent);
    }
}
