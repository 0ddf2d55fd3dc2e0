using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;

namespace Inference.EndToEnd.Tests;

/// <summary>Traces as an OTLP receiver gets them.</summary>
public sealed class TracingTests : IAsyncDisposable
{
    private readonly HttpListener _receiver = new();
    private readonly List<byte[]> _received = [];
    private ServerProcess? _server;

    [Fact]
    public async Task OneSpanARequest_WithEventsForJoinsAndBatches()
    {
        var port = FreePort();
        _receiver.Prefixes.Add($"http://127.0.0.1:{port}/");
        _receiver.Start();
        var receiving = ReceiveAsync();
        _server = ServerProcess.With($"--Inference:Tracing:Endpoint=http://127.0.0.1:{port}/v1/traces", "--Inference:Tracing:Protocol=HttpProtobuf");
        await _server.InitializeAsync();

        const string Trace = "0af7651916cd43dd8448eb211c80319c", Parent = "b7ad6b7169203331";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(new { prompt = "a star", num_inference_steps = 3, n = 2, sampler = "ddim" }) };
        request.Headers.Add("traceparent", $"00-{Trace}-{Parent}-01");
        (await _server.Client.SendAsync(request)).EnsureSuccessStatusCode();
        using (await _server.Client.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 0 }))
        {
        }
        // What is left is sent when the process stops.
        _server.Terminate();
        Assert.Equal(0, await _server.ExitAsync(TimeSpan.FromSeconds(30)));
        _receiver.Stop();
        await receiving;

        var spans = _received.SelectMany(body => Fields(body, 1)).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2)).ToArray();
        Assert.Equal(2, spans.Length);
        var span = Assert.Single(spans, candidate => Convert.ToHexStringLower(Fields(candidate, 1).Single()) == Trace);
        Assert.Equal(Parent, Convert.ToHexStringLower(Fields(span, 4).Single()));
        Assert.Equal("POST /v1/images/generations", Text(Fields(span, 5).Single()));
        var attributes = Fields(span, 9).Select(attribute => Text(Fields(attribute, 1).Single())).ToArray();
        string[] expected = ["http.response.status_code", "inference.model", "inference.sampler", "inference.evaluations", "inference.rows", "inference.queue_ms", "inference.denoise_ms"];
        Assert.All(expected, name => Assert.Contains(name, attributes));
        var events = Fields(span, 11).Select(entry => Text(Fields(entry, 2).Single())).ToArray();
        Assert.Equal(2, events.Count(name => name == "joined"));
        // Each of two pictures was in three batches.
        Assert.Equal(6, events.Count(name => name == "batch"));
        var batch = Fields(span, 11).First(entry => Text(Fields(entry, 2).Single()) == "batch");
        Assert.Contains("inference.batch.rows", Fields(batch, 3).Select(attribute => Text(Fields(attribute, 1).Single())));
    }

    public async ValueTask DisposeAsync()
    {
        _receiver.Close();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        while (true)
            try
            {
                var context = await _receiver.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _received.Add(body.ToArray());
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    // The length-delimited fields of a protobuf message with this number.
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message, ref at);
            var (field, wire) = ((int)(tag >> 3), (int)(tag & 7));
            var length = wire switch
            {
                0 => 0,
                1 => 8,
                5 => 4,
                2 => -1,
                _ => throw new InvalidDataException($"wire type {wire}"),
            };
            if (wire == 0)
                Varint(message, ref at);
            if (length < 0)
            {
                length = (int)Varint(message, ref at);
                if (field == number)
                    yield return message[at..(at + length)];
            }
            at += length;
        }
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
