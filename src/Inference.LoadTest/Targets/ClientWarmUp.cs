using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inference.LoadTest;

/// <summary>
/// Runs the whole client against a responder in this process before a measurement. The first requests of a .NET process pay for compiling the
/// HTTP client, a second on a busy machine; without this the report would put that on the server.
/// </summary>
public static class ClientWarmUp
{
    private const double Rate = 200;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(0.6);

    // An answer like a real one, with a picture of no pixels: reading, parsing and checking are all compiled.
    private const string Body = """{"created":1,"data":[{"b64_json":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAAAAAAAAAAAAAABJRU5ErkJggg=="}],"inference":{"timings_ms":{"queue":0,"total":0}}}""";

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\nServer-Timing: queue;dur=0\r\n\r\n{Body}");

    /// <summary>Takes about a second; sends nothing to any server.</summary>
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var responder = RespondAsync(listener, stop.Token);
        using (var target = new OpenAiTarget(new() { Endpoint = new($"http://{listener.LocalEndpoint}/v1/images/generations"), Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System))
            await LoadRunner.RunAsync(Loads.Open(Arrivals.Constant(Rate, Length)), Mix.Default, 0, target, TimeProvider.System, null, cancellationToken);
        await stop.CancelAsync();
        await responder;
    }

    private static async Task RespondAsync(TcpListener listener, CancellationToken stop)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop), stop));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private static async Task ServeAsync(TcpClient connection, CancellationToken stop)
    {
        using (connection)
            try
            {
                var stream = connection.GetStream();
                var buffer = new byte[16 << 10];
                // Requests are small and never pipelined: what one read brings, with its body behind it, is one request or its first part.
                var seen = new StringBuilder();
                while (await stream.ReadAsync(buffer, stop) is > 0 and var read)
                {
                    seen.Append(Encoding.ASCII.GetString(buffer, 0, read));
                    if (!seen.ToString().TrimEnd().EndsWith('}'))
                        continue;
                    seen.Clear();
                    await stream.WriteAsync(Answer, stop);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The warm-up is over.
            }
    }
}
