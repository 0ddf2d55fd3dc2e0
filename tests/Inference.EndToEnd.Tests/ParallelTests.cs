using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Parallel sampling over HTTP, from the real process.</summary>
public sealed class ParallelTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const string Route = "/v1/images/generations";

    [Fact]
    public async Task Methods_AreListedWithTheirOptionsAndSamplers()
    {
        var list = await server.Client.GetFromJsonAsync<JsonElement>("/v1/parallel-methods");
        var methods = list.GetProperty("data").EnumerateArray().ToDictionary(method => method.GetProperty("id").GetString()!);
        Assert.Equal(["picard", "parataa", "jacobi", "parareal", "chords", "para-dpmsolver", "picard-consistency"], methods.Keys);
        var options = methods["picard"].GetProperty("options").EnumerateArray().ToDictionary(option => option.GetProperty("name").GetString()!);
        Assert.Equal("auto", options["window"].GetProperty("default").GetString());
        Assert.Equal(0, options["tolerance"].GetProperty("minimum").GetDouble());
        Assert.Contains("ddim", methods["chords"].GetProperty("samplers").EnumerateArray().Select(sampler => sampler.GetString()));
        Assert.DoesNotContain("ddpm", methods["chords"].GetProperty("samplers").EnumerateArray().Select(sampler => sampler.GetString()));
    }

    [Fact]
    public async Task Response_SaysWhatItTook_AndMetricsCountIt()
    {
        var plain = await GenerateAsync(new { prompt = "a star", seed = 3, num_inference_steps = 12, sampler = "ddim", solo = true });
        var json = await GenerateAsync(new { prompt = "a star", seed = 3, num_inference_steps = 12, sampler = "ddim", solo = true, parallel = new { method = "picard", tolerance = 1e-3, window = 6 } });
        var image = json.GetProperty("inference").GetProperty("images")[0];
        var parallel = image.GetProperty("parallel");
        var windows = parallel.GetProperty("windows").EnumerateArray().Select(window => (Begin: window[0].GetInt32(), End: window[1].GetInt32())).ToArray();
        Assert.Equal("picard", parallel.GetProperty("method").GetString());
        Assert.Equal(windows.Length, parallel.GetProperty("iterations").GetInt32());
        Assert.InRange(windows.Length, 1, 12);
        Assert.Equal((0, 6), windows[0]);
        Assert.Equal(windows.Sum(window => window.End - window.Begin), parallel.GetProperty("evaluations").GetInt32());
        Assert.Equal(parallel.GetProperty("evaluations").GetInt32(), image.GetProperty("evaluations").GetInt32());
        Assert.Equal(windows.Length, image.GetProperty("batches").GetInt32());
        Assert.Equal(JsonValueKind.Null, plain.GetProperty("inference").GetProperty("images")[0].GetProperty("parallel").ValueKind);

        var metrics = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("inference_parallel_rounds_share_count{", metrics);
        Assert.Contains("method=\"picard\"", metrics);
    }

    [Fact]
    public async Task AWindowThatFollowsTheLoad_Streams_AndWarmStartsAreTakenByName()
    {
        var first = await GenerateAsync(new { prompt = "a star", seed = 3, num_inference_steps = 8, sampler = "ddim", parallel = new { method = "parataa", keep = true } });
        var run = first.GetProperty("inference").GetProperty("images")[0].GetProperty("parallel").GetProperty("run").GetString();
        await GenerateAsync(new { prompt = "a red star", seed = 3, num_inference_steps = 8, sampler = "ddim", parallel = new { method = "parataa", warm_start = run, variation_steps = 4 } });

        using var stream = await server.Client.PostAsJsonAsync(Route, new { prompt = "a star", seed = 3, num_inference_steps = 8, sampler = "ddim", stream = true, partial_images = 2, parallel = "picard" });
        var events = await stream.Content.ReadAsStringAsync();
        Assert.Equal(2, events.Split("event: image_generation.partial_image").Length - 1);
        Assert.Contains("event: image_generation.completed", events);
    }

    [Theory]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":"no-such"}""", "parallel", "picard, parataa")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":{"method":"picard","order":1}}""", "parallel", "'order' is not an option of picard")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":{"method":"picard","window":0}}""", "parallel", "window must be auto or an integer between 1 and 1000")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":{"method":"picard","window":500}}""", "parallel", "must be at most 16 or auto")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":{"tolerance":1}}""", "parallel", "'parallel.method' must be the name of a method")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":7}""", "parallel", "or an object with 'method'")]
    [InlineData("""{"prompt":"a","parallel":"picard"}""", "parallel", "needs the history")]
    [InlineData("""{"prompt":"a","sampler":"unipc","parallel":"picard"}""", "parallel", "'unipc'")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":"picard","cache":"fora"}""", "cache", "cannot be used with 'parallel'")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":"picard","solo":true}""", "parallel", "'solo'")]
    [InlineData("""{"prompt":"a","sampler":"ddim","parallel":"pcm"}""", "parallel", "picard_consistency")]
    public async Task Faults_AreRefusedByName(string body, string parameter, string message)
    {
        using var response = await server.Client.PostAsync(Route, new StringContent(body, null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }

    private async Task<JsonElement> GenerateAsync(object request)
    {
        using var response = await server.Client.PostAsJsonAsync(Route, request);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, json.GetRawText());
        return json;
    }
}
