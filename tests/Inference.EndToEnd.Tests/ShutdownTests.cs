using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>SIGTERM under load, on the real process.</summary>
public sealed class ShutdownTests : IAsyncDisposable
{
    private const string Route = "/v1/images/generations";
    private ServerProcess? _server;

    [Fact]
    public async Task Sigterm_UnderLoad_LosesNoRequestThatWasLetIn()
    {
        // One picture at a time and 20 ms an evaluation: some requests run, most wait.
        _server = ServerProcess.WithFaults("--Inference:Queue:MaxRunning=2", "--Inference:Batching:CostBudgetMilliseconds=0", "--Inference:Batching:CostDirectory=");
        await _server.InitializeAsync();
        await _server.TellAsync("slow 20");
        var requests = Enumerable.Range(0, 12).Select(seed => PostAsync(10, seed)).ToArray();
        await UntilAsync("inference_requests_waiting 10");

        _server.Terminate();
        await UntilNotReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await _server.Client.GetAsync("/health/live")).StatusCode);
        var late = await PostAsync(1, 99);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stopping"), (late.StatusCode, await CodeAsync(late)));
        Assert.True(late.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));

        foreach (var response in await Task.WhenAll(requests))
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal(0, await _server.ExitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Sigterm_AfterTheGraceTime_AnswersWhatIsLeftWith503()
    {
        _server = ServerProcess.WithFaults("--Inference:Shutdown:GraceMilliseconds=300");
        await _server.InitializeAsync();
        await _server.TellAsync("slow 50");
        var request = PostAsync(200, 1);
        await UntilAsync("inference_lanes_open 1");
        _server.Terminate();
        var response = await request;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stopping"), (response.StatusCode, await CodeAsync(response)));
        Assert.Equal(0, await _server.ExitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Sigterm_OnAnIdleServer_EndsItWithCode0()
    {
        _server = ServerProcess.With();
        await _server.InitializeAsync();
        _server.Terminate();
        Assert.Equal(0, await _server.ExitAsync(TimeSpan.FromSeconds(15)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private Task<HttpResponseMessage> PostAsync(int steps, int seed) =>
        _server!.Client.PostAsJsonAsync(Route, new { prompt = "a star", num_inference_steps = steps, seed });

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString();

    private async Task UntilNotReadyAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            if ((await _server!.Client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable)
                return;
            await Task.Delay(5);
        }
        Assert.Fail(_server!.Output);
    }

    private async Task UntilAsync(string line)
    {
        for (var i = 0; i < 1500; i++)
        {
            if ((await _server!.Client.GetStringAsync("/metrics")).Split('\n').Contains(line))
                return;
            await Task.Delay(20);
        }
        Assert.Fail($"never: {line}\n{await _server!.Client.GetStringAsync("/metrics")}");
    }
}
