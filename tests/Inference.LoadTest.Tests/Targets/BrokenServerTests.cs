using System.Net.Sockets;

namespace Inference.LoadTest.Tests;

/// <summary>Whatever servers do is counted, never an exception.</summary>
public sealed class BrokenServerTests
{
    private static readonly ImageRequest Request = Mix.Default.Draw(0, 1);

    [Fact]
    public async Task Reset_IsAReset()
    {
        using var server = new RawServer(socket =>
        {
            socket.LingerState = new LingerOption(true, 0);
            return Task.CompletedTask;
        });
        await FailsAsync(server.Target(), FailureKind.Reset, "reset");
    }

    [Fact]
    public async Task CloseWithoutAnswer_IsAReset_AndNothingIsSentTwice()
    {
        using var server = new RawServer(_ => Task.CompletedTask);
        await FailsAsync(server.Target(), FailureKind.Reset, "");
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task CloseOfAConnectionInUse_IsAReset_AndNothingIsSentTwice()
    {
        const string Right = "{\"data\":[{\"url\":\"http://x/y.png\"}]}";
        var answers = 0;
        using var server = new RawServer(socket => ++answers == 1 ? RawServer.SendAsync(socket, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Right.Length}\r\n\r\n{Right}") : Task.CompletedTask, answersAConnection: 2);
        using var target = server.Target();
        Assert.Null((await target.SendAsync(Request, default)).Failure);
        // The second goes over the same connection, which closes: .NET's handler would send it again on a new one.
        Assert.Equal(FailureKind.Reset, (await target.SendAsync(Request, default)).Failure?.Kind);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task CutBody_IsAReset()
    {
        using var server = new RawServer(socket => RawServer.SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"data\":["));
        await FailsAsync(server.Target(), FailureKind.Reset, "");
    }

    [Fact]
    public async Task NoHttp_IsAReset()
    {
        using var server = new RawServer(socket => RawServer.SendAsync(socket, "SSH-2.0-OpenSSH\r\n\r\n"));
        await FailsAsync(server.Target(), FailureKind.Reset, "not HTTP");
    }

    [Fact]
    public async Task NoAnswer_IsATimeout()
    {
        using var server = new RawServer(_ => Task.Delay(TimeSpan.FromSeconds(20)));
        await FailsAsync(server.Target(TimeSpan.FromSeconds(0.5)), FailureKind.Timeout, "timeout (headers)");
    }

    [Fact]
    public async Task SlowBody_IsATimeout()
    {
        using var server = new RawServer(async socket =>
        {
            await RawServer.SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
            for (var i = 0; i < 100; i++)
            {
                await RawServer.SendAsync(socket, " ");
                await Task.Delay(100);
            }
        });
        await FailsAsync(server.Target(TimeSpan.FromSeconds(1)), FailureKind.Timeout, "timeout (body)");
    }

    [Fact]
    public async Task NoServer_IsAConnectionFailure()
    {
        using var target = new OpenAiTarget(new() { Endpoint = TargetAddress.Parse("http://127.0.0.1:1") }, TimeProvider.System);
        await FailsAsync(target, FailureKind.Connection, "connection refused");
        Assert.Contains("connection refused", (await Assert.ThrowsAsync<LoadTestException>(() => target.EnsureReachableAsync(default))).Message);
    }

    [Fact]
    public async Task UntrustedCertificate_IsATlsFailure()
    {
        await using var server = await StubServer.StartAsync(StubServer.AnswerAsync, tls: true);
        Assert.StartsWith("https", server.Url);
        using var target = server.Target();
        await FailsAsync(target, FailureKind.Connection, "TLS");
        Assert.Contains("TLS", (await Assert.ThrowsAsync<LoadTestException>(() => target.EnsureReachableAsync(default))).Message);
    }

    [Fact]
    public async Task SilentServer_IsNotReachable()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var target = new OpenAiTarget(new() { Endpoint = TargetAddress.Parse($"http://{listener.LocalEndpoint}"), ConnectTimeout = TimeSpan.FromSeconds(0.5) }, TimeProvider.System);
        Assert.Contains("does not answer within 500 ms", (await Assert.ThrowsAsync<LoadTestException>(() => target.EnsureReachableAsync(default))).Message);
    }

    private static async Task FailsAsync(OpenAiTarget target, FailureKind kind, string code)
    {
        var reply = await target.SendAsync(Request, CancellationToken.None);
        Assert.NotNull(reply.Failure);
        Assert.Equal(kind, reply.Failure.Kind);
        Assert.Contains(code, reply.Failure.Code);
        Assert.NotEmpty(reply.Failure.Example);
    }
}
