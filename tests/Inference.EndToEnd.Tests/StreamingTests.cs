using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>Server-sent events from the real process, to the official JavaScript client and raw.</summary>
public sealed class StreamingTests(StreamingTests.Server fixture) : IClassFixture<StreamingTests.Server>
{
    private const string Route = "/v1/images/generations";
    private readonly HttpClient _http = fixture.Process.Client;

    [Theory]
    [InlineData("projection")]
    [InlineData("vae")]
    public async Task JavaScriptClient_GetsPreviews_ThenThePicture(string preview)
    {
        var events = await ClientAsync(new { prompt = "a red apple on a blue background", seed = 3, num_inference_steps = 8, partial_images = 3, preview });
        Assert.Equal([.. Enumerable.Repeat("image_generation.partial_image", 3), "image_generation.completed"], events.Select(Type));
        Assert.Equal([0, 1, 2], events.Take(3).Select(item => item.GetProperty("partial_image_index").GetInt32()));
        Assert.Equal([2, 4, 6], events.Take(3).Select(item => item.GetProperty("step").GetInt32()));
        var pictures = events.Select(item => Decode(item).Image).ToArray();
        Assert.All(pictures, picture => Assert.Equal((128, 128), (picture.Width, picture.Height)));

        // The same request without a stream is the same picture, and every preview comes nearer to it.
        var whole = await _http.PostAsJsonAsync(Route, new { prompt = "a red apple on a blue background", seed = 3, num_inference_steps = 8 });
        var data = (await whole.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0].GetProperty("b64_json").GetString();
        Assert.Equal(data, events[3].GetProperty("b64_json").GetString());
        var errors = pictures.Take(3).Select(picture => picture.Pixels.Zip(pictures[3].Pixels).Average(pair => Math.Abs(pair.First - pair.Second))).ToArray();
        Assert.True(errors[0] > errors[2] && errors[2] < (preview == "vae" ? 12 : 30), string.Join(", ", errors));
    }

    [Fact]
    public async Task JavaScriptClient_SeveralPictures_EachWithItsPreviews_AndTheAccounting()
    {
        var events = await ClientAsync(new { prompt = "a star", seed = 5, n = 2, num_inference_steps = 6, partial_images = 1, output_format = "jpeg" });
        Assert.Equal(2, events.Count(item => Type(item) == "image_generation.partial_image"));
        var completed = events.Where(item => Type(item) == "image_generation.completed").ToArray();
        Assert.Equal([0, 1], completed.Select(item => item.GetProperty("image_index").GetInt32()));
        Assert.All(events, item => Assert.Equal(ImageFormat.Jpeg, Decode(item).Format));
        var report = completed[1].GetProperty("inference");
        Assert.Equal(12, report.GetProperty("evaluations").GetInt32());
        Assert.Equal([5, 6], report.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("seed").GetInt64()));
        Assert.Equal(0, completed[0].GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task JavaScriptClient_NoPartialImages_IsOneEvent()
    {
        var picture = Assert.Single(await ClientAsync(new { prompt = "a star", num_inference_steps = 2 }));
        Assert.Equal("image_generation.completed", Type(picture));
    }

    [Fact]
    public async Task JavaScriptClient_Edits_HaveTheirOwnEvents()
    {
        using var folder = new TemporaryFolder();
        var start = folder.Write("start.png", ImageCodecs.Vips.Encode(new(128, 128, [.. Enumerable.Range(0, 3 * 128 * 128).Select(i => (byte)(i / 200))]), ImageEncoding.Png()));
        var events = await ClientAsync(new { prompt = "a red apple", seed = 1, num_inference_steps = 8, partial_images = 2 }, start);
        Assert.Equal(["image_edit.partial_image", "image_edit.partial_image", "image_edit.completed"], events.Select(Type));
    }

    [Fact]
    public async Task JavaScriptClient_Errors_BeforeAndInTheStream_AreThrown()
    {
        var refused = Assert.Single(await ClientAsync(new { prompt = "a star", partial_images = 4 }));
        Assert.Equal(("BadRequestError", 400, "partial_images"), (refused.GetProperty("thrown").GetString(), refused.GetProperty("status").GetInt32(), refused.GetProperty("param").GetString()));
        // A server of its own, which knows no costs before its first request, so that the deadline passes in the stream.
        var server = new Server();
        await server.InitializeAsync();
        try
        {
            var missed = (await ClientAsync(server.Process.Client, new { prompt = "a star", num_inference_steps = 200, timeout_ms = 400 }))[^1];
            Assert.Equal(("APIError", "deadline_missed"), (missed.GetProperty("thrown").GetString(), missed.GetProperty("code").GetString()));
            Assert.Contains("status=\"504\"", await server.Process.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Raw_TheStreamOpensAtOnce_AndSilenceHasHeartbeats()
    {
        using var response = await SendAsync(new { prompt = "a star", num_inference_steps = 60, stream = true });
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(": accepted", lines[0]);
        Assert.Contains(": heartbeat", lines);
        Assert.Equal("event: image_generation.completed", lines[^4]);
        Assert.Equal("image_generation.completed", Type(JsonElement.Parse(lines[^3]["data: ".Length..])));
        Assert.Equal(["", ""], lines[^2..]);
    }

    [Fact]
    public async Task Disconnect_StopsTheWorkWithinOneStep()
    {
        var before = await BatchesAsync();
        using (var response = await SendAsync(new { prompt = "a star", num_inference_steps = 200, stream = true, partial_images = 3 }))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.Equal(": accepted", await reader.ReadLineAsync());
            await UntilAsync("inference_lanes_open 1");
        }
        await UntilFreeAsync();
        // 200 steps are 200 batches.
        Assert.InRange(await BatchesAsync() - before, 0, 150);
        Assert.Contains("status=\"499\"", await _http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_ById_EndsTheStreamWithAnError()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(new { prompt = "a star", num_inference_steps = 200, stream = true }) };
        request.Headers.Add("x-request-id", "streamed");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await UntilAsync("inference_lanes_open 1");
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"{Route}/streamed")).StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"The request was cancelled.\"", text, StringComparison.Ordinal);
        await UntilFreeAsync();
    }

    [Fact]
    public async Task AcceptOfBytes_CannotBeStreamed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(new { prompt = "a star", stream = true }) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        using var response = await _http.SendAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, "stream"), (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString()));
    }

    private static string Type(JsonElement item) => item.GetProperty("type").GetString()!;

    private static DecodedImage Decode(JsonElement item) => ImageCodecs.Vips.Decode(item.GetProperty("b64_json").GetBytesFromBase64(), new());

    private Task<JsonElement[]> ClientAsync(object request, params string[] picture) => ClientAsync(_http, request, picture);

    private static async Task<JsonElement[]> ClientAsync(HttpClient http, object request, params string[] picture) =>
        [.. (await JavaScript.RunAsync("stream.mjs", [$"{http.BaseAddress}v1", JsonSerializer.Serialize(request), .. picture])).Select(line => JsonElement.Parse(line))];

    private Task<HttpResponseMessage> SendAsync(object body) =>
        _http.SendAsync(new(HttpMethod.Post, Route) { Content = JsonContent.Create(body) }, HttpCompletionOption.ResponseHeadersRead);

    private async Task<double> BatchesAsync() => (await _http.GetStringAsync("/metrics")).Split('\n')
        .Where(line => line.StartsWith("inference_batch_rows_count", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[^1]));

    private async Task UntilFreeAsync()
    {
        await UntilAsync("inference_lanes_open 0");
        await UntilAsync("inference_pictures_running 0");
        await UntilAsync("inference_latents_outstanding 0");
    }

    private async Task UntilAsync(string line)
    {
        for (var i = 0; i < 1500; i++)
        {
            if ((await _http.GetStringAsync("/metrics")).Split('\n').Contains(line))
                return;
            await Task.Delay(20);
        }
        Assert.Fail($"never: {line}\n{await _http.GetStringAsync("/metrics")}");
    }

    /// <summary>A server with quick heartbeats that knows no costs in advance.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public ServerProcess Process { get; } = ServerProcess.With(
            "--Inference:Batching:CostBudgetMilliseconds=0", "--Inference:Batching:CostDirectory=", "--Inference:Streaming:HeartbeatSeconds=0.1");

        public Task InitializeAsync() => Process.InitializeAsync();

        public Task DisposeAsync() => Process.DisposeAsync();
    }
}
