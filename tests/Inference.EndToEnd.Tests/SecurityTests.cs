using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>What an attacker would try, one test each, on the real process. Path names of models are in <see cref="FamilyTests"/>, keys in <see cref="ApiKeyTests"/>.</summary>
public sealed class SecurityTests(SecurityTests.Server fixture) : IClassFixture<SecurityTests.Server>
{
    private const string Route = "/v1/images/generations";
    private readonly ServerProcess _server = fixture.Process;

    private Uri Address => _server.Client.BaseAddress!;

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("..\\..\\windows")]
    [InlineData("pictogram-128/../pictogram-128")]
    [InlineData("/etc/passwd")]
    [InlineData("pictogram-128\0")]
    public async Task PathTraversal_InAModelName_IsAnUnknownModel(string name) =>
        await AssertErrorAsync(await _server.Client.PostAsJsonAsync(Route, new { prompt = "a star", model = name }), 404, "model");

    [Theory]
    [InlineData("/v1/images/generations/..%2f..%2fetc%2fpasswd")]
    [InlineData("/v1/images/generations/%2e%2e%2f%2e%2e%2fsecret")]
    public async Task PathTraversal_InARequestId_IsAnUnknownRequest(string path) =>
        await AssertErrorAsync(await _server.Client.DeleteAsync(path), 404, "id");

    [Theory]
    [InlineData("x-request-id: evil\tvalue<script>")]
    [InlineData("x-request-id: a,b")]
    public async Task HeaderInjection_AHarmfulRequestId_IsReplaced(string header)
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n");
        var (_, text) = await connection.ReadAsync(TimeSpan.FromSeconds(10));
        Assert.Matches("x-request-id: req_[0-9a-f]{32}", text);
        Assert.DoesNotContain("vil", text);
    }

    [Fact]
    public async Task HeaderInjection_LineBreaks_DoNotReachTheResponse()
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nx-request-id: a\rSet-Cookie: stolen=1\r\nConnection: close\r\n\r\n");
        var (status, text) = await connection.ReadAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(400, status);
        Assert.DoesNotContain("stolen", text);
    }

    [Theory]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: localhost\r\nx-request-id: \u00e9vil\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET /health/live HTTP/1.1\r\nHost localhost\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET /health/live HTTP/1.1\r\n\r\n", 400, "invalid_http")]
    [InlineData("\0\u0001\u0002 nonsense\r\n\r\n", 400, "invalid_http")]
    [InlineData("POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1129215422237317002\r\n", 400, "invalid_body")]
    [InlineData("POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "bad_request")]
    public async Task MalformedHttp_HasTheShapeOfOtherErrors(string request, int status, string code)
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync(request);
        var (answered, text) = await connection.ReadAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(status, answered);
        var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        // What the application answers comes in chunks.
        body = body[body.IndexOf('{', StringComparison.Ordinal)..(body.LastIndexOf('}') + 1)];
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task LogInjection_TextOfRequests_StartsNoLineOfTheLog()
    {
        const string Forged = "\nFORGED crit: all is lost\r\nFORGED";
        foreach (var body in new object[] { new { prompt = Forged, user = Forged, num_inference_steps = 1 }, new { prompt = "a", model = Forged }, new { prompt = "a", sampler = Forged }, new Dictionary<string, string> { [Forged] = "x" } })
            using (await _server.Client.PostAsJsonAsync(Route, body))
            {
            }
        using (await _server.Client.GetAsync("/v1/%0AFORGED"))
        using (await _server.Client.DeleteAsync($"{Route}/%0AFORGED"))
            Assert.DoesNotContain(_server.Output.Split('\n'), line => line.StartsWith("FORGED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SlowBody_Is408()
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync($"POST {Route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");
        var (status, text) = await connection.ReadAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(408, status);
        Assert.Contains("body_too_slow", text);
    }

    [Fact]
    public async Task SlowHeaders_EndTheConnection()
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: local");
        var (status, text) = await connection.ReadAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(408, status);
        Assert.Contains("headers_too_slow", text);
    }

    [Fact]
    public async Task OversizedHeaders_AreRefused()
    {
        await using var connection = await RawConnection.OpenAsync(Address);
        await connection.SendAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\nx-large: {new string('a', 40_000)}\r\n\r\n");
        var (status, text) = await connection.ReadAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(431, status);
        Assert.Contains("headers_too_large", text);
    }

    [Fact]
    public async Task TooManyConnections_AreClosed_AndTheServerServesOn()
    {
        var connections = new List<RawConnection>();
        try
        {
            for (var i = 0; i < Server.MaxConnections + 10; i++)
                connections.Add(await RawConnection.OpenAsync(Address));
            await connections[^1].SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(0, (await connections[^1].ReadAsync(TimeSpan.FromSeconds(10))).Status);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
        HttpStatusCode? status = null;
        for (var i = 0; i < 100 && status != HttpStatusCode.OK; i++)
            try
            {
                using var response = await _server.Client.GetAsync("/health/ready");
                status = response.StatusCode;
            }
            catch (HttpRequestException)
            {
                // The server has not noticed yet that the connections are gone.
                await Task.Delay(50);
            }
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData("""{"prompt":"a","sampler_options":{"a":[[[[[[[[[[1]]]]]]]]]]}}""", "sampler_options")]
    [InlineData("""{"prompt":"a","guidance_scale":1e309}""", "guidance_scale")]
    [InlineData("""{"prompt":"a","cache":"\ud800"}""", "cache")]
    [InlineData("""{"prompt":"a","cache":{"policy":"fora","\udc00":1}}""", "cache")]
    [InlineData("""{"prompt":"a","sampler_options":{"eta":"\ud800"}}""", "sampler_options")]
    [InlineData("""{"prompt":"\ud800"}""", "prompt")]
    [InlineData("""{"prompt":"a","sigmas":[-1e309,1]}""", "sigmas")]
    [InlineData("""{"prompt":"a","seed":1,"seed":2}""", "seed")]
    [InlineData("""{"prompt":"a","sampler_options":{"eta":0,"eta":1}}""", "sampler_options")]
    public async Task JsonThatIsDeepDoubleOrNoNumberOrText_IsRefusedByName(string body, string parameter) =>
        await AssertErrorAsync(await _server.Client.PostAsync(Route, new StringContent(body, Encoding.UTF8, "application/json")), 400, parameter);

    [Fact]
    public async Task JsonDepth_OfAMegabyteOfBrackets_IsRefused() =>
        await AssertErrorAsync(await _server.Client.PostAsync(Route, new StringContent(new string('[', 1_000_000), Encoding.UTF8, "application/json")), 400, null);

    [Fact]
    public async Task DecompressionBomb_ACompressedBody_Is415_AndNotUnpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(new byte[64 << 20]);
        var before = _server.WorkingSet;
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        await AssertErrorAsync(await _server.Client.PostAsync(Route, content), 415, "content-encoding");
        Assert.True(_server.WorkingSet - before < 48 << 20);
    }

    [Fact]
    public async Task DecompressionBomb_APictureOf900Megapixels_IsRefused_BeforeItIsUnpacked()
    {
        var before = _server.WorkingSet;
        using var form = new MultipartFormDataContent { { new ByteArrayContent(ZeroPng(30_000, 30_000)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "image", "bomb.png" } };
        form.Add(new StringContent("a star"), "prompt");
        await AssertErrorAsync(await _server.Client.PostAsync("/v1/images/edits", form), 400, "image");
        Assert.True(_server.WorkingSet - before < 200 << 20);
    }

    [Fact]
    public async Task Urls_AreNeverFetched()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/picture.png";
        foreach (var body in new object[] { new { prompt = url, num_inference_steps = 1 }, new { prompt = "a", image = url }, new { prompt = "a", model = url }, new { prompt = "a", user = url, num_inference_steps = 1 } })
            using (await _server.Client.PostAsJsonAsync(Route, body))
            {
            }
        using (var form = new MultipartFormDataContent { { new StringContent("a star"), "prompt" }, { new StringContent(url), "image" } })
            await AssertErrorAsync(await _server.Client.PostAsync("/v1/images/edits", form), 400, "image");
        using (var form = new MultipartFormDataContent { { new StringContent("a star"), "prompt" }, { new ByteArrayContent(Encoding.UTF8.GetBytes($"<svg><image href=\"{url}\"/></svg>")), "image", "a.svg" } })
            await AssertErrorAsync(await _server.Client.PostAsync("/v1/images/edits", form), 400, "image");
        Assert.False(trap.Pending());
    }

    [Theory]
    [InlineData("https://app.example.org", true)]
    [InlineData("https://evil.example.org", false)]
    [InlineData("null", false)]
    public async Task Cors_AllowsTheConfiguredOriginsOnly(string origin, bool isAllowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, Route);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var response = await _server.Client.SendAsync(request);
        Assert.Equal(isAllowed ? origin : null, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string? parameter)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal(parameter, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    // A valid PNG of one grey level, a thousandth of a thousandth of its size.
    private static byte[] ZeroPng(int width, int height)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[width + 1];
            for (var y = 0; y < height; y++)
                zlib.Write(row);
        }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", data.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        var (length, check) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        var crc = 0xffffffffu;
        foreach (var value in body)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xedb88320u;
        }
        BinaryPrimitives.WriteUInt32BigEndian(check, ~crc);
        return [.. length, .. body, .. check];
    }

    /// <summary>A server whose limits are near, so that tests reach them soon.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public const int MaxConnections = 40;

        public ServerProcess Process { get; } = ServerProcess.With(
            $"--Inference:Connections:MaxConnections={MaxConnections}", "--Inference:Connections:MinBytesPerSecond=1000", "--Inference:Connections:SlowMilliseconds=1100",
            "--Inference:Connections:HeaderMilliseconds=1000", "--Inference:Cors:Origins:0=https://app.example.org");

        public Task InitializeAsync() => Process.InitializeAsync();

        public Task DisposeAsync() => Process.DisposeAsync();
    }
}
