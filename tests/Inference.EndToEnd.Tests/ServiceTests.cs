using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>The endpoints around generation, and start-up.</summary>
public sealed class ServiceTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    [Fact]
    public async Task Models_AreListed()
    {
        var list = await server.Client.GetFromJsonAsync<JsonElement>("/v1/models");
        var model = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal("pictogram-128", model.GetProperty("id").GetString());
        Assert.Equal("ready", model.GetProperty("status").GetString());
        Assert.Contains("euler", model.GetProperty("samplers").EnumerateArray().Select(sampler => sampler.GetString()));
    }

    [Fact]
    public async Task EverySampler_OfTheList_CanBeNamed()
    {
        var models = await server.Client.GetFromJsonAsync<JsonElement>("/v1/models");
        var described = (await server.Client.GetFromJsonAsync<JsonElement>("/v1/samplers")).GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()).ToArray();
        var samplers = models.GetProperty("data")[0].GetProperty("samplers").EnumerateArray().Select(entry => entry.GetString()).ToArray();
        Assert.True(samplers.Length > 30);
        Assert.Empty(samplers.Except(described));
        foreach (var sampler in samplers)
        {
            var response = await server.Client.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", sampler, num_inference_steps = 0 });
            // Steps are wrong on purpose: only they may be complained about.
            var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
            Assert.True("num_inference_steps" == error.GetProperty("param").GetString(), $"{sampler}: {error}");
        }
    }

    [Fact]
    public async Task Health_And_OpenApi()
    {
        Assert.Equal("ok", await server.Client.GetStringAsync("/health/live"));
        Assert.Equal("ok", await server.Client.GetStringAsync("/health/ready"));
        var document = await server.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("ImageGenerationBody").GetProperty("properties");
        Assert.All(new[] { "prompt", "n", "size", "response_format", "num_inference_steps", "guidance_scale", "seed", "sampler", "negative_prompt" }, field => Assert.True(schema.TryGetProperty(field, out _), field));
        Assert.True(document.GetProperty("paths").TryGetProperty("/v1/images/generations", out _));
    }

    [Fact]
    public async Task Metrics_CountWhatWasDone()
    {
        (await server.Client.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 3, sampler = "ddim" })).EnsureSuccessStatusCode();
        var lines = (await server.Client.GetStringAsync("/metrics")).Split('\n');
        Assert.Contains("inference_evaluations_total{model=\"pictogram-128\",sampler=\"ddim\"} 3", lines);
        Assert.Contains("inference_rows_total{model=\"pictogram-128\",sampler=\"ddim\"} 6", lines);
        Assert.Contains("inference_ready 1", lines);
        Assert.Contains("# TYPE inference_request_duration_seconds histogram", lines);
    }

    [Theory]
    [InlineData("--Inference:Providers:0=quantum", "unknown execution provider 'quantum'; allowed are cpu, cuda")]
    [InlineData("--Inference:Providers:0=cuda", "libonnxruntime_providers_cuda.so")]
    [InlineData("--Inference:Limits:MaxSteps=0", "Inference:Limits:MaxSteps must be from 1")]
    [InlineData("--Inference:Limits:MaxStep=5", "MaxStep")]
    [InlineData("--Inference:Queue:MaxRunning=many", "MaxRunning")]
    [InlineData("--Inference:Models:Directory=nowhere", "nowhere")]
    [InlineData("--Inference:Models:Default=other", "other")]
    public async Task WrongConfiguration_EndsTheProcess_WithAMessage(string argument, string message)
    {
        var broken = ServerProcess.With(argument);
        try
        {
            Assert.Equal(1, await broken.RunToEndAsync());
            Assert.Contains(message, broken.Output);
        }
        finally
        {
            await broken.DisposeAsync();
        }
    }

    [Fact]
    public async Task MissingProvider_BeforeOneThatServes_IsOneWarning()
    {
        var fallback = ServerProcess.With("--Inference:Providers:0=cuda", "--Inference:Providers:1=cpu");
        try
        {
            await fallback.InitializeAsync();
            Assert.Equal(1, fallback.Output.Split('\n').Count(line => line.Contains("libonnxruntime_providers_cuda.so", StringComparison.Ordinal)));
        }
        finally
        {
            await fallback.DisposeAsync();
        }
    }
}
