using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>The programs of docs/examples do what they say.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task InProcess_DrawsTwoPictures_InSharedBatches()
    {
        using var folder = new TemporaryFolder();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "InProcess.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Root })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        Assert.True(process.ExitCode == 0, await errors);
        Assert.StartsWith("background.png: seed 7, 12 evaluations in", await output);
        foreach (var name in new[] { "background.png", "sailboat.png" })
        {
            var picture = ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(folder.PathOf(name)), new());
            Assert.Equal(128, picture.Image.Width);
            Assert.Contains("Sampler: unipc", picture.Parameters);
        }
    }

    [Fact]
    public async Task WebHost_HasTheApiAndTheStudio_BesidePagesOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        var host = ServerProcess.Of("WebHost.dll", $"--Inference:Jobs:Directory={folder.PathOf("jobs")}", $"--Inference:Experiments:File={folder.PathOf("experiments.db")}", "--Inference:Limits:MaxBodyBytes=2048", "--Inference:Keys:Secrets:alice=a-key-of-alice-1234");
        try
        {
            await host.InitializeAsync();
            var http = host.Client;
            Assert.Equal("A page of the host's own.", await http.GetStringAsync("/"));
            var drawn = ImageCodecs.Vips.Decode(await http.GetByteArrayAsync("/draw/a%20star?seed=3"), new());
            Assert.Contains("Seed: 3", drawn.Parameters);
            using var refused = await http.GetAsync("/draw/%20");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);

            // Keys and errors of the API, and the host's own without either.
            using var unknown = await http.GetAsync("/v1/models");
            Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
            Assert.Equal("missing_api_key", (await unknown.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString());
            using var missing = await http.GetAsync("/no-such-page");
            Assert.Equal((HttpStatusCode.NotFound, 0), (missing.StatusCode, (await missing.Content.ReadAsByteArrayAsync()).Length));
            Assert.False(missing.Headers.Contains("x-request-id"));
            http.DefaultRequestHeaders.Authorization = new("Bearer", "a-key-of-alice-1234");
            using var made = await http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 4 });
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
            using var large = await http.PostAsJsonAsync("/v1/images/generations", new { prompt = new string('a', 4000) });
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
            Assert.Contains("inference_pictures_total{model=\"pictogram-128\",sampler=\"dpmpp-2m\"} 2", await http.GetStringAsync("/metrics"));

            // The studio, with or without the slash.
            foreach (var address in new[] { "/studio/", "/studio" })
            {
                using var studio = await http.GetAsync(address);
                Assert.EndsWith("/studio/", studio.RequestMessage!.RequestUri!.AbsolutePath);
                Assert.Contains("src=\"app.js\"", await studio.Content.ReadAsStringAsync());
            }
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task WebHost_WithSettingsOfTheProcess_SaysWhoseTheyAre()
    {
        var host = ServerProcess.Of("WebHost.dll", "--Inference:Cors:Origins:0=*", "--Inference:Shutdown:GraceMilliseconds=5");
        Assert.NotEqual(0, await host.RunToEndAsync());
        await host.DisposeAsync();
        Assert.Contains("Inference:Cors is for the server as a program", host.Output);
        Assert.Contains("Inference:Shutdown is for the server as a program", host.Output);
    }
}
