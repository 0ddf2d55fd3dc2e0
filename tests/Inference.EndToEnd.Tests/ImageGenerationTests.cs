using System.ClientModel;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;
using OpenAI;
using OpenAI.Images;

namespace Inference.EndToEnd.Tests;

/// <summary>Pictures over HTTP from the real process: the official OpenAI client and raw requests.</summary>
public sealed class ImageGenerationTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const string Route = "/v1/images/generations";

    [Fact]
    public async Task Stream_Progress_TellsTheSteps_AndPreviewsComeAtTheirInterval()
    {
        using var response = await server.Client.PostAsJsonAsync(Route, new { prompt = "a star", num_inference_steps = 24, stream = true, progress = true, preview_every = 8 });
        var events = (await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..])).ToArray();
        var progress = events.Where(data => TypeOf(data) == "image_generation.progress").ToArray();
        Assert.Equal(("running", JsonValueKind.Null), (progress[^1].GetProperty("status").GetString(), progress[^1].GetProperty("position").ValueKind));
        var steps = progress.Select(data => data.GetProperty("pictures")[0].GetProperty("step").GetInt32()).ToArray();
        Assert.Equal(steps.Order(), steps);
        Assert.InRange(steps[^1], 1, 24);
        // One that a slow client has not taken makes way for the next.
        Assert.All(events.Where(data => TypeOf(data) == "image_generation.partial_image"), data => Assert.Contains(data.GetProperty("step").GetInt32(), new[] { 8, 16 }));
        Assert.Equal("image_generation.completed", TypeOf(events[^1]));

        static string TypeOf(JsonElement data) => data.GetProperty("type").GetString()!;
    }

    [Fact]
    public async Task OpenAiClient_GetsAPicture()
    {
        var client = new ImageClient("pictogram-128", new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new(server.Client.BaseAddress!, "/v1") });
        var image = (await client.GenerateImageAsync("a red apple on a blue background", new() { ResponseFormat = GeneratedImageFormat.Bytes })).Value;
        var decoded = ImageCodecs.Vips.Decode(image.ImageBytes.ToArray(), new());
        Assert.Equal((128, 128, ImageFormat.Png), (decoded.Image.Width, decoded.Image.Height, decoded.Format));
    }

    [Fact]
    public async Task OpenAiClient_GetsSeveralPictures_AndTypedErrors()
    {
        var client = new ImageClient("pictogram-128", new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new(server.Client.BaseAddress!, "/v1") });
        var images = (await client.GenerateImagesAsync("a star", 2, new() { ResponseFormat = GeneratedImageFormat.Bytes })).Value;
        Assert.Equal(2, images.Count);
        var unknown = new ImageClient("no-such-model", new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new(server.Client.BaseAddress!, "/v1") });
        var failure = await Assert.ThrowsAsync<ClientResultException>(() => unknown.GenerateImageAsync("a star"));
        Assert.Equal(404, failure.Status);
        Assert.Contains("pictogram-128", failure.Message);
    }

    [Fact]
    public async Task OneSeed_OnePicture()
    {
        var first = await PngAsync(new { prompt = "a blue car on white", seed = 7, num_inference_steps = 6 });
        var again = await PngAsync(new { prompt = "a blue car on white", seed = 7, num_inference_steps = 6 });
        var other = await PngAsync(new { prompt = "a blue car on white", seed = 8, num_inference_steps = 6 });
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Pictures_HaveConsecutiveSeeds_AndEqualTheirOwnRequests()
    {
        var both = await JsonAsync(new { prompt = "a rocket", seed = 20, n = 2, num_inference_steps = 5 });
        var seeds = both.GetProperty("inference").GetProperty("images").EnumerateArray().Select(image => image.GetProperty("seed").GetInt64());
        Assert.Equal([20, 21], seeds);
        var alone = await PngAsync(new { prompt = "a rocket", seed = 21, num_inference_steps = 5 });
        var second = ImageCodecs.Vips.Decode(both.GetProperty("data")[1].GetProperty("b64_json").GetBytesFromBase64(), new()).Image.Pixels;
        var pixels = ImageCodecs.Vips.Decode(alone, new()).Image.Pixels;
        // Another batch size may round differently in the last bit of a float, never more than one step of 255.
        Assert.True(second.Zip(pixels).Max(pair => Math.Abs(pair.First - pair.Second)) <= 1);
    }

    [Fact]
    public async Task Response_SaysWhatWasDone()
    {
        var json = await JsonAsync(new { prompt = "a tree", seed = 3, num_inference_steps = 7, guidance_scale = 2.5, sampler = "euler" });
        var inference = json.GetProperty("inference");
        Assert.Equal("pictogram-128", inference.GetProperty("model").GetString());
        Assert.Equal("euler", inference.GetProperty("sampler").GetString());
        Assert.Equal(7, inference.GetProperty("steps").GetInt32());
        Assert.Equal(7, inference.GetProperty("evaluations").GetInt32());
        Assert.Equal(14, inference.GetProperty("images")[0].GetProperty("rows").GetInt32());
        Assert.Equal(3, inference.GetProperty("images")[0].GetProperty("seed").GetInt64());
        Assert.Equal(7, inference.GetProperty("images")[0].GetProperty("batches").GetInt32());
        // Alone on the server: every batch has its own two rows.
        Assert.Equal(7, inference.GetProperty("images")[0].GetProperty("batch_sizes").GetProperty("2").GetInt32());
        var timings = inference.GetProperty("timings_ms");
        Assert.All(new[] { "queue", "text", "denoise", "decode", "encode", "total" }, name => Assert.True(timings.GetProperty(name).GetDouble() >= 0));
        Assert.True(timings.GetProperty("denoise").GetDouble() < timings.GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task EveryOption_ChangesThePicture()
    {
        var plain = new Dictionary<string, object> { ["prompt"] = "a tree", ["seed"] = 3, ["num_inference_steps"] = 6, ["sampler"] = "ddim" };
        var pictures = new List<byte[]> { await PngAsync(plain) };
        foreach (var (name, value) in new (string, object)[]
        {
            ("schedule", "karras"), ("spacing", "leading"), ("noise", "gpu"), ("guidance_rescale", 0.7), ("guidance_interval", new[] { 0.3, 3 }), ("guidance_adaptive_threshold", 0.5),
            ("sampler_options", new { eta = 1.0 }), ("sampler", "DPM++ 2M Karras"), ("negative_prompt", "green"), ("sigmas", new[] { 20.0, 5, 2, 1, 0.4, 0.1 }), ("timesteps", new[] { 999, 700, 500, 300, 200, 50 }),
        })
        {
            var request = new Dictionary<string, object>(plain) { [name] = value };
            if (name is "sigmas" or "timesteps")
                request.Remove("num_inference_steps");
            if (name is "schedule" or "sigmas" or "timesteps")
                request["sampler"] = "euler";
            pictures.Add(Pixels(await PngAsync(request)));
        }
        Assert.Equal(pictures.Count, pictures.Select(Convert.ToBase64String).Distinct().Count());

        static byte[] Pixels(byte[] file) => ImageCodecs.Vips.Decode(file, new()).Image.Pixels;
    }

    [Fact]
    public async Task GuidanceInterval_SavesRows()
    {
        var json = await JsonAsync(new { prompt = "a tree", num_inference_steps = 10, guidance_interval = new[] { 0.3, 3 } });
        var rows = json.GetProperty("inference").GetProperty("images")[0].GetProperty("rows").GetInt32();
        Assert.InRange(rows, 11, 19);
    }

    [Fact]
    public async Task GuidanceOne_EvaluatesOneRow()
    {
        var json = await JsonAsync(new { prompt = "a tree", num_inference_steps = 3, guidance_scale = 1 });
        Assert.Equal(3, json.GetProperty("inference").GetProperty("images")[0].GetProperty("rows").GetInt32());
    }

    [Theory]
    [InlineData("image/png", ImageFormat.Png)]
    [InlineData("image/jpeg", ImageFormat.Jpeg)]
    [InlineData("image/webp", ImageFormat.WebP)]
    public async Task AcceptHeader_GetsTheBytes_WithParametersInside(string accept, ImageFormat format)
    {
        var response = await PostAsync(new { prompt = "a key", seed = 5, num_inference_steps = 4 }, accept);
        Assert.Equal(accept, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("5", response.Headers.GetValues("x-inference-seed").Single());
        Assert.Equal(4, JsonElement.Parse(response.Headers.GetValues("x-inference").Single()).GetProperty("evaluations").GetInt32());
        var decoded = ImageCodecs.Vips.Decode(await response.Content.ReadAsByteArrayAsync(), new());
        Assert.Equal(format, decoded.Format);
        Assert.StartsWith("a key\nSteps: 4, Sampler: ", decoded.Parameters);
        Assert.Contains("Seed: 5, Size: 128x128, Model: pictogram-128", decoded.Parameters);
    }

    [Fact]
    public async Task OutputCompression_MakesSmallerFiles()
    {
        var small = await JsonAsync(new { prompt = "a key", seed = 5, num_inference_steps = 4, output_format = "jpeg", output_compression = 20 });
        var large = await JsonAsync(new { prompt = "a key", seed = 5, num_inference_steps = 4, output_format = "jpeg", output_compression = 95 });
        Assert.Equal("jpeg", small.GetProperty("output_format").GetString());
        Assert.True(Base64Length(small) < Base64Length(large) / 2);

        static int Base64Length(JsonElement json) => json.GetProperty("data")[0].GetProperty("b64_json").GetString()!.Length;
    }

    [Fact]
    public async Task LongPrompt_IsTruncated_AndTheResponseSaysSo()
    {
        var json = await JsonAsync(new { prompt = string.Join(' ', Enumerable.Repeat("apple", 200)), num_inference_steps = 1 });
        Assert.Contains("'prompt' is longer", Assert.Single(json.GetProperty("inference").GetProperty("warnings").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task RequestId_IsEchoed_OrMade()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "x-request-id", "abc-123" } } };
        Assert.Equal("abc-123", (await server.Client.SendAsync(request)).Headers.GetValues("x-request-id").Single());
        Assert.StartsWith("req_", (await server.Client.GetAsync("/v1/models")).Headers.GetValues("x-request-id").Single());
        var hostile = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        hostile.Headers.TryAddWithoutValidation("x-request-id", "<script>");
        Assert.StartsWith("req_", (await server.Client.SendAsync(hostile)).Headers.GetValues("x-request-id").Single());
    }

    private async Task<JsonElement> JsonAsync(object body)
    {
        var response = await PostAsync(body, "application/json");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<byte[]> PngAsync(object body) => await (await PostAsync(body, "image/png")).Content.ReadAsByteArrayAsync();

    private async Task<HttpResponseMessage> PostAsync(object body, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(body) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        var response = await server.Client.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return response;
    }
}
