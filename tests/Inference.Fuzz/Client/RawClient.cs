using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Inference.Fuzz;

/// <summary>An answer; status 0 is none.</summary>
internal sealed record RawResponse(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>Sends bytes as they are and reads what comes back, HTTP/1.1. A connection is used again for as long as both sides agree on where messages end.</summary>
internal sealed class RawClient(Uri server) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private TcpClient? _connection;

    /// <exception cref="TimeoutException">There was no answer.</exception>
    public async Task<RawResponse> SendAsync(RawRequest request)
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            // A connection that the server closed meanwhile shows only when it is used.
            for (var attempt = 0; ; attempt++)
            {
                var isFresh = request.IsFramingBroken || _connection is null || attempt > 0;
                if (isFresh)
                    await ConnectAsync(timeout.Token);
                var response = await ExchangeAsync(request, timeout.Token);
                if (response.Status == 0 || request.IsFramingBroken || request.Method == "HEAD" || IsLast(response))
                    Dispose();
                if (response.Status != 0 || isFresh)
                    return response;
            }
        }
        catch (OperationCanceledException)
        {
            Dispose();
            throw new TimeoutException();
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static bool IsLast(RawResponse response) => response.Headers.TryGetValue("connection", out var value) && value.Contains("close", StringComparison.OrdinalIgnoreCase);

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        _connection = new() { NoDelay = true };
        await _connection.ConnectAsync(server.Host, server.Port, cancellationToken);
    }

    private async Task<RawResponse> ExchangeAsync(RawRequest request, CancellationToken cancellationToken)
    {
        var stream = _connection!.GetStream();
        try
        {
            await stream.WriteAsync(request.ToBytes(), cancellationToken);
            // The server must not wait for what will not come.
            if (request.IsFramingBroken)
                _connection.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // It may have answered and closed before it had everything.
        }
        try
        {
            return await new ResponseReader(stream).ReadAsync(request.Method, cancellationToken);
        }
        catch (IOException)
        {
            return new(0, new Dictionary<string, string>(), []);
        }
    }

    private sealed class ResponseReader(NetworkStream stream)
    {
        private readonly byte[] _buffer = new byte[16 << 10];
        private int _start;
        private int _end;

        public async Task<RawResponse> ReadAsync(string method, CancellationToken cancellationToken)
        {
            var status = 0;
            Dictionary<string, string> headers;
            do
            {
                if (await LineAsync(cancellationToken) is not { } first)
                    return new(0, new Dictionary<string, string>(), []);
                status = int.Parse(first.AsSpan(9, 3), CultureInfo.InvariantCulture);
                headers = new(StringComparer.OrdinalIgnoreCase);
                while (await LineAsync(cancellationToken) is { Length: > 0 } line)
                    headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            }
            while (status is >= 100 and < 200);
            if (method == "HEAD" || status is 204 or 304)
                return new(status, headers, []);
            if (headers.GetValueOrDefault("transfer-encoding") == "chunked")
                return new(status, headers, await ChunksAsync(cancellationToken));
            return new(status, headers, headers.TryGetValue("content-length", out var length) ? await BytesAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken) : []);
        }

        private async Task<byte[]> ChunksAsync(CancellationToken cancellationToken)
        {
            using var body = new MemoryStream();
            while (int.Parse((await LineAsync(cancellationToken))!, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                body.Write(await BytesAsync(size, cancellationToken));
                await LineAsync(cancellationToken);
            }
            await LineAsync(cancellationToken);
            return body.ToArray();
        }

        private async Task<byte[]> BytesAsync(int count, CancellationToken cancellationToken)
        {
            var bytes = new byte[count];
            for (var at = 0; at < count;)
            {
                if (_start == _end && !await FillAsync(cancellationToken))
                    throw new IOException("The body ends early.");
                var part = Math.Min(count - at, _end - _start);
                _buffer.AsSpan(_start, part).CopyTo(bytes.AsSpan(at));
                (_start, at) = (_start + part, at + part);
            }
            return bytes;
        }

        private async Task<string?> LineAsync(CancellationToken cancellationToken)
        {
            var line = new StringBuilder();
            while (true)
            {
                if (_start == _end && !await FillAsync(cancellationToken))
                    return null;
                var next = (char)_buffer[_start++];
                if (next == '\n')
                    return line.ToString().TrimEnd('\r');
                line.Append(next);
            }
        }

        private async Task<bool> FillAsync(CancellationToken cancellationToken)
        {
            (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
            return _end > 0;
        }
    }
}
