using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Inference.EndToEnd.Tests;

/// <summary>A connection for requests that no client library would send.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    private RawConnection()
    {
    }

    private NetworkStream Stream => _client.GetStream();

    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(server.Host, server.Port);
        return connection;
    }

    /// <summary>Sends text, a byte a character.</summary>
    public Task SendAsync(string text) => Stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>Reads until the server closes the connection, at most the time given.</summary>
    /// <returns>Status and text of the first response; 0 when there was none.</returns>
    public async Task<(int Status, string Text)> ReadAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        using var read = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await Stream.ReadAsync(buffer, timeout.Token)) > 0;)
                read.Write(buffer, 0, count);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Reset, or kept open: what came so far counts.
        }
        var text = Encoding.Latin1.GetString(read.ToArray());
        return (text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0, text);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
