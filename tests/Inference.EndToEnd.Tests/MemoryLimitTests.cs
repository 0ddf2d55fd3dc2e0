using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>A server with little memory: what does not fit is refused by every door before it runs, what fits is served.</summary>
public sealed class MemoryLimitTests(MemoryLimitTests.Server fixture) : IClassFixture<MemoryLimitTests.Server>
{
    private const string Route = "/v1/images/generations";
    private readonly HttpClient _http = fixture.Process.Client;

    [Fact]
    public async Task LargestSizeOfTheModelsList_IsServed_AndALargerOneRefused()
    {
        var limits = await LimitsAsync();
        var largest = limits.GetProperty("largest_size").GetString()!;
        var side = int.Parse(largest.Split('x')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(side, 33, 511);
        Assert.InRange(limits.GetProperty("memory_bytes").GetInt64(), 1, Server.Room);
        using var served = await _http.PostAsJsonAsync(Route, Body(largest));
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        // What was served was measured, which may have moved the limit.
        largest = (await LimitsAsync()).GetProperty("largest_size").GetString()!;
        using var refused = await _http.PostAsJsonAsync(Route, Body("512x512"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("size", error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains($"at most {largest} fits", error.GetProperty("message").GetString());
        Assert.Contains("bytes)", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("/v1/jobs")]
    [InlineData(Route)]
    public async Task JobsAndStreams_AreRefusedToo(string route)
    {
        await LimitsAsync();
        using var refused = await _http.PostAsJsonAsync(route, new { model = "sd15", prompt = "a star", size = "1024x1024", num_inference_steps = 2, stream = route == Route });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("size", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task WebUi_IsRefusedToo()
    {
        await LimitsAsync();
        using var refused = await _http.PostAsJsonAsync("/sdapi/v1/txt2img", new { prompt = "a star", width = 1024, height = 1024, steps = 2 });
        Assert.False(refused.IsSuccessStatusCode);
        Assert.Contains("of memory", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Metrics_SayWhatARowTakes()
    {
        await LimitsAsync();
        var metrics = Exposition.Read(await _http.GetStringAsync("/metrics"));
        foreach (var name in new[] { "available", "row", "network_peak", "decoder_peak" })
        {
            var sample = Assert.Single(metrics[$"inference_memory_{name}_bytes"].Samples);
            Assert.Equal("sd15", sample.Labels["model"]);
            Assert.True(sample.Value > 0, name);
        }
    }

    private static object Body(string size) => new { model = "sd15", prompt = "a star", size, num_inference_steps = 2 };

    // Loads the model, which measures it.
    private async Task<JsonElement> LimitsAsync()
    {
        using (var served = await _http.PostAsJsonAsync(Route, Body("32x32")))
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        var models = (await _http.GetFromJsonAsync<JsonElement>("/v1/models")).GetProperty("data").EnumerateArray();
        return models.Single(model => model.GetProperty("id").GetString() == "sd15").GetProperty("limits");
    }

    public sealed class Server : IAsyncLifetime
    {
        /// <summary>Beside the weights.</summary>
        public const long Room = 64 << 20;

        private static readonly string Models = Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines");

        private static readonly long Weights = new DirectoryInfo(Path.Combine(Models, "sd15")).EnumerateFiles("*.onnx*", SearchOption.AllDirectories).Sum(file => file.Length);

        public ServerProcess Process { get; } = ServerProcess.With(
            "--models", Models, "--Inference:Models:Default", "sd15", "--Inference:Models:Loading", "OnDemand", "--Inference:Batching:CostDirectory=", "--Inference:Limits:MemoryBytes", $"{Weights + Room}");

        public Task InitializeAsync() => Process.InitializeAsync();

        public Task DisposeAsync() => Process.DisposeAsync();
    }
}

/// <summary>The embedded model, for which there is no memory.</summary>
public sealed class NoMemoryTests : IAsyncLifetime
{
    private readonly ServerProcess _server = ServerProcess.With("--Inference:Limits:MemoryBytes=1048576");

    [Fact]
    public async Task EveryRequestIsRefused_AndTheServerStaysReady()
    {
        using var refused = await _server.Client.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("no size fits", await refused.Content.ReadAsStringAsync());
        Assert.True((await _server.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
    }

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();
}
