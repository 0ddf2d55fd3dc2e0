using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>A device that fails, computes nonsense or hangs, as clients and orchestrators of the real process see it.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const string Route = "/v1/images/generations";
    private readonly ServerProcess _server = ServerProcess.WithFaults(
        "--Inference:Resilience:MinimumEvaluations=2", "--Inference:Resilience:WindowMilliseconds=5000", "--Inference:Resilience:BreakMilliseconds=500",
        "--Inference:Resilience:MaxFailedProbes=2", "--Inference:Resilience:HangMilliseconds=4000",
        // Large batches of the warm-up could count as hung on a busy machine.
        "--Inference:Batching:CostBudgetMilliseconds=0", "--Inference:Batching:CostDirectory=");

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ProviderFailure_IsRetriedOnce_OnAFreshSession_AndThePictureIsTheSame()
    {
        var expected = await PictureAsync();
        await _server.TellAsync("fail 1");
        Assert.Equal(expected, await PictureAsync());
        Assert.Equal("renewals 1", await _server.TellAsync("renewals"));
        Assert.Contains("inference_device_retries_total{model=\"pictogram-128\"} 1", await MetricsAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/ready"));
    }

    [Fact]
    public async Task ProviderFailure_Twice_Is500_ThatNamesTheFault()
    {
        await _server.TellAsync("fail 2");
        await AssertErrorAsync(await PostAsync(), HttpStatusCode.InternalServerError, "evaluation_failed");
        // One failure opens nothing.
        (await PostAsync()).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task RepeatedFailures_OpenTheCircuit_ReadinessGoesOff_AndAProbeBringsItBack()
    {
        await _server.TellAsync("fail 1000000");
        await UntilAsync(async () => (await PostAsync()).StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (await StatusAsync("/health/ready"), await StatusAsync("/health/live")));
        var refused = await PostAsync();
        await AssertErrorAsync(refused, HttpStatusCode.ServiceUnavailable, "device_unavailable");
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("inference_circuit_openings_total", await MetricsAsync());

        await _server.TellAsync("heal");
        await UntilAsync(async () => await StatusAsync("/health/ready") == HttpStatusCode.OK);
        (await PostAsync()).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task ProbesThatFailOneAfterAnother_TurnLivenessOff()
    {
        await _server.TellAsync("fail 1000000");
        await UntilAsync(async () =>
        {
            using var _ = await PostAsync();
            return await StatusAsync("/health/live") == HttpStatusCode.ServiceUnavailable;
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health/ready"));
    }

    [Fact]
    public async Task AnErrorThatSticks_TurnsLivenessOff_AtOnce()
    {
        (await PostAsync()).EnsureSuccessStatusCode();
        await _server.TellAsync("stick");
        await AssertErrorAsync(await PostAsync(), HttpStatusCode.ServiceUnavailable, "device_lost");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));
        await AssertErrorAsync(await PostAsync(), HttpStatusCode.ServiceUnavailable, "device_lost");
        // No fresh session: it would be on the same device.
        Assert.Equal("renewals 0", await _server.TellAsync("renewals"));
    }

    [Fact]
    public async Task MemoryThatDoesNotSuffice_IsTriedAgain_AndTwiceTurnsLivenessOff()
    {
        (await PostAsync()).EnsureSuccessStatusCode();
        await _server.TellAsync("memory 1");
        (await PostAsync()).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live"));
        await _server.TellAsync("memory 2");
        using var failed = await PostAsync();
        Assert.True((int)failed.StatusCode >= 500);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health/live"));
    }

    [Fact]
    public async Task NanOutput_Is500_AndNoPicture_AndTheNextRequestIsServed()
    {
        await _server.TellAsync("nan");
        await AssertErrorAsync(await PostAsync(), HttpStatusCode.InternalServerError, "no_picture");
        await _server.TellAsync("heal");
        (await PostAsync()).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task HangingDevice_FreesItsRequests_LivenessGoesOff_AndTheProcessStillStops()
    {
        await _server.TellAsync("hang");
        var (running, waiting) = (PostAsync(), PostAsync());
        await AssertErrorAsync(await running, HttpStatusCode.ServiceUnavailable, "device_lost");
        await AssertErrorAsync(await waiting, HttpStatusCode.ServiceUnavailable, "device_lost");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));
        await AssertErrorAsync(await PostAsync(), HttpStatusCode.ServiceUnavailable, "device_lost");
        _server.Terminate();
        Assert.Equal(0, await _server.ExitAsync(TimeSpan.FromSeconds(30)));
    }

    private async Task<string?> PictureAsync()
    {
        var response = await PostAsync();
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0].GetProperty("b64_json").GetString();
    }

    private Task<HttpResponseMessage> PostAsync() => _server.Client.PostAsJsonAsync(Route, new { prompt = "a star", num_inference_steps = 2, seed = 1 });

    private Task<string> MetricsAsync() => _server.Client.GetStringAsync("/metrics");

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await _server.Client.GetAsync(path);
        return response.StatusCode;
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal(code, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await condition())
                return;
            await Task.Delay(50);
        }
        Assert.Fail($"The condition did not come true.\n{_server.Output}");
    }
}
