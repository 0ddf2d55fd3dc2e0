using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inference.LoadTest.Tests;

/// <summary>A server below HTTP: reads one request of a connection, then does what a test says with the socket.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _requests;

    public RawServer(Func<Socket, Task> answer, int answersAConnection = 1)
    {
        _listener.Start();
        _ = AcceptAsync(answer, answersAConnection);
    }

    /// <summary>Requests that were read.</summary>
    public int Requests => _requests;

    public OpenAiTarget Target(TimeSpan? timeout = null) => new(new() { Endpoint = TargetAddress.Parse($"http://{_listener.LocalEndpoint}"), Timeout = timeout ?? TimeSpan.FromSeconds(20) }, TimeProvider.System);

    public void Dispose() => _listener.Dispose();

    public static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    private async Task AcceptAsync(Func<Socket, Task> answer, int answersAConnection)
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(), answer, answersAConnection);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, Func<Socket, Task> answer, int answersAConnection)
    {
        using (socket)
            for (var i = 0; i < answersAConnection; i++)
            {
                var seen = new StringBuilder();
                var buffer = new byte[4096];
                while (!seen.ToString().EndsWith('}'))
                {
                    var read = await socket.ReceiveAsync(buffer);
                    if (read == 0)
                        return;
                    seen.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }
                Interlocked.Increment(ref _requests);
                await answer(socket);
            }
    }
}
