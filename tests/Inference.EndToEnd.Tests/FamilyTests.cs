using System.ClientModel;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;
using Inference.TestKit;
using OpenAI;
using OpenAI.Images;

namespace Inference.EndToEnd.Tests;

/// <summary>The exported pipelines of the real families over HTTP, loaded on demand under a memory budget that does not hold them all.</summary>
public sealed class FamilyTests(FamilyTests.Server fixture) : IClassFixture<FamilyTests.Server>
{
    private readonly HttpClient _http = fixture.Process.Client;

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    [InlineData("sd3")]
    [InlineData("flux")]
    public async Task OpenAiClient_GetsAPicture(string model)
    {
        var image = (await Client(model).GenerateImageAsync("a red apple on a blue background", new() { Size = new GeneratedImageSize(32, 48), ResponseFormat = GeneratedImageFormat.Bytes })).Value;
        var decoded = ImageCodecs.Vips.Decode(image.ImageBytes.ToArray(), new()).Image;
        Assert.Equal((32, 48), (decoded.Width, decoded.Height));
    }

    [Fact]
    public async Task OpenAiClient_EditsAPicture()
    {
        using var png = new MemoryStream(Picture(40, 40));
        var image = (await Client("sd15").GenerateImageEditAsync(png, "start.png", "a red apple", new() { ResponseFormat = GeneratedImageFormat.Bytes })).Value;
        var decoded = ImageCodecs.Vips.Decode(image.ImageBytes.ToArray(), new()).Image;
        Assert.Equal((40, 40), (decoded.Width, decoded.Height));
    }

    [Fact]
    public async Task Edits_OfDifferentStrength_AreDifferentPictures()
    {
        var (near, far) = (await EditAsync("0.1"), await EditAsync("1"));
        Assert.NotEqual(near, far);
    }

    [Theory]
    [InlineData("mask", "1", "mask")]
    [InlineData("loras", "x", "loras")]
    [InlineData("strength", "2", "strength")]
    [InlineData("strength", "much", "strength")]
    [InlineData("no_such", "1", "no_such")]
    [InlineData("size", "33x32", "size")]
    public async Task Edits_WrongField_NamedInTheError(string field, string value, string parameter)
    {
        using var form = Form(Picture(32, 32), ("prompt", "a star"), (field, value));
        using var response = await _http.PostAsync("/v1/images/edits", form);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(parameter, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Edits_NoPicture_Refused()
    {
        using var form = Form([1, 2, 3], ("prompt", "a star"));
        using var response = await _http.PostAsync("/v1/images/edits", form);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("PNG, JPEG or WebP", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ClassConditionalModel_TakesALabel_AndNoPrompt()
    {
        var picture = await PostAsync(new { model = "dit", class_label = 3, num_inference_steps = 4 });
        Assert.Equal("32x32", picture.GetProperty("size").GetString());
        Assert.Equal("class_label", (await PostAsync(new { model = "dit", class_label = 1000 })).GetProperty("error").GetProperty("param").GetString());
        Assert.Equal("prompt", (await PostAsync(new { model = "dit", prompt = "a cat", class_label = 1 })).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task LongPrompt_IsWarnedOf()
    {
        var json = await PostAsync(new { model = "sd15", prompt = string.Join(' ', Enumerable.Repeat("apple", 200)), num_inference_steps = 2 });
        Assert.Contains("only its first 77 tokens", json.GetProperty("inference").GetProperty("warnings")[0].GetString());
    }

    [Fact]
    public async Task Models_ShowWhatTheyAre_AndStayWithinTheBudget()
    {
        await PostAsync(new { model = "sd3", prompt = "a star", num_inference_steps = 1 });
        var models = (await _http.GetFromJsonAsync<JsonElement>("/v1/models")).GetProperty("data").EnumerateArray().ToDictionary(model => model.GetProperty("id").GetString()!);
        var sd3 = models["sd3"];
        Assert.Equal(("ready", "StableDiffusion3Pipeline"), (sd3.GetProperty("status").GetString(), sd3.GetProperty("family").GetString()));
        Assert.Contains("multiples of 4 from 4 to 128", sd3.GetProperty("sizes")[0].GetString());
        Assert.True(sd3.GetProperty("parameters").GetInt64() > 500_000);
        var loaded = models.Values.Where(model => model.GetProperty("status").GetString() == "ready").Sum(model => model.GetProperty("memory_bytes").GetInt64());
        Assert.InRange(loaded, 1, Server.Budget);
        Assert.Contains(models.Values, model => model.GetProperty("status").GetString() == "unloaded");
    }

    [Theory]
    [InlineData("../sd15")]
    [InlineData("/etc")]
    [InlineData("golden")]
    public async Task ModelName_NeverReachesTheFileSystem(string name) =>
        Assert.Equal("model_not_found", (await PostAsync(new { model = name, prompt = "a star" })).GetProperty("error").GetProperty("code").GetString());

    private static byte[] Picture(int width, int height) => ImageCodecs.Vips.Encode(new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i * 7))]), ImageEncoding.Png());

    private static MultipartFormDataContent Form(byte[] image, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "image", "start.png" } };
        foreach (var (name, value) in fields.Append(("model", "sd15")))
            form.Add(new StringContent(value), name);
        return form;
    }

    private async Task<string> EditAsync(string strength)
    {
        using var form = Form(Picture(32, 32), ("prompt", "a star"), ("strength", strength), ("seed", "1"), ("num_inference_steps", "10"));
        using var response = await _http.PostAsync("/v1/images/edits", form);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0].GetProperty("b64_json").GetString()!;
    }

    private async Task<JsonElement> PostAsync(object body)
    {
        using var response = await _http.PostAsJsonAsync("/v1/images/generations", body);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private ImageClient Client(string model) => new(model, new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new(_http.BaseAddress!, "/v1") });

    /// <summary>A server on the test pipelines.</summary>
    public sealed class Server : IAsyncLifetime
    {
        /// <summary>Room for three or four of the ten models.</summary>
        public const long Budget = 8_000_000;

        public ServerProcess Process { get; } = ServerProcess.With(
            "--models", Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines"), "--Inference:Models:Loading", "OnDemand", "--Inference:Models:MemoryBudgetBytes", $"{Budget}");

        public Task InitializeAsync() => Process.InitializeAsync();

        public Task DisposeAsync() => Process.DisposeAsync();
    }
}
