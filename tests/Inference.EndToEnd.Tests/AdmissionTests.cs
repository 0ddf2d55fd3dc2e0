using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Admission, deadlines and cancellation over real sockets. The server knows no costs in advance, so that deadlines can be missed.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private const string Route = "/v1/images/generations";
    private readonly ServerProcess _server = ServerProcess.With("--Inference:Batching:CostBudgetMilliseconds=0", "--Inference:Batching:CostDirectory=", "--Inference:Queue:MaxRunning=1", "--Inference:Queue:MaxQueuedSeconds=2");

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task MissedDeadline_Is504_AndFreesTheSlot()
    {
        var response = await PostAsync(new { prompt = "a star", num_inference_steps = 200, timeout_ms = 250 });
        Assert.Equal((HttpStatusCode.GatewayTimeout, "deadline_missed"), (response.StatusCode, await CodeAsync(response)));
        await UntilFreeAsync();
        Assert.Contains("status=\"504\"", await MetricsAsync(), StringComparison.Ordinal);
        (await PostAsync(new { prompt = "a star", num_inference_steps = 1 })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Header_SetsTheDeadlineToo()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(new { prompt = "a star", num_inference_steps = 200 }) };
        request.Headers.Add("x-inference-timeout-ms", "250");
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _server.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Cancel_ById_Is499_AndFreesTheSlot()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(new { prompt = "a star", num_inference_steps = 200 }) };
        request.Headers.Add("x-request-id", "mine");
        var running = _server.Client.SendAsync(request);
        await UntilAsync("inference_lanes_open 1");
        Assert.Equal(HttpStatusCode.NoContent, (await _server.Client.DeleteAsync($"{Route}/mine")).StatusCode);
        var response = await running;
        Assert.Equal((499, "cancelled"), ((int)response.StatusCode, await CodeAsync(response)));
        await UntilFreeAsync();
        Assert.Contains("status=\"499\"", await MetricsAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _server.Client.DeleteAsync($"{Route}/mine")).StatusCode);
    }

    [Fact]
    public async Task Disconnect_Is499_AndFreesTheSlot_ForTheOneThatWaits()
    {
        using var gone = new CancellationTokenSource();
        var first = _server.Client.PostAsJsonAsync(Route, new { prompt = "a star", num_inference_steps = 200 }, gone.Token);
        await UntilAsync("inference_lanes_open 1");
        var second = PostAsync(new { prompt = "a star", num_inference_steps = 1, priority = "batch", solo = true });
        await UntilAsync("inference_requests_waiting 1");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        (await second).EnsureSuccessStatusCode();
        await UntilFreeAsync();
        Assert.Contains("status=\"499\"", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FullQueue_Is429_WithATimeToComeBack()
    {
        // Teaches the server what an evaluation costs.
        for (var i = 0; i < 2; i++)
            (await PostAsync(new { prompt = "a star", num_inference_steps = 5 })).EnsureSuccessStatusCode();
        using var stop = new CancellationTokenSource();
        var load = _server.Client.PostAsJsonAsync(Route, new { prompt = "a star", num_inference_steps = 60, n = 10, timeout_ms = 600_000 }, stop.Token);
        await UntilAsync("inference_lanes_open 10");
        var response = await PostAsync(new { prompt = "a star", num_inference_steps = 1 });
        Assert.Equal((HttpStatusCode.TooManyRequests, "queue_full"), (response.StatusCode, await CodeAsync(response)));
        Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("inference_queued_work_seconds 0\n", await MetricsAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load);
        await UntilFreeAsync();
    }

    [Fact]
    public async Task DeadlineShorterThanAnIdleServerNeeds_IsRefusedAtOnce()
    {
        for (var i = 0; i < 2; i++)
            (await PostAsync(new { prompt = "a star", num_inference_steps = 5 })).EnsureSuccessStatusCode();
        var response = await PostAsync(new { prompt = "a star", num_inference_steps = 200, timeout_ms = 1 });
        Assert.Equal((HttpStatusCode.BadRequest, "deadline_too_short"), (response.StatusCode, await CodeAsync(response)));
    }

    [Theory]
    [InlineData("{\"prompt\":\"a\",\"priority\":\"high\"}", "priority")]
    [InlineData("{\"prompt\":\"a\",\"timeout_ms\":0}", "timeout_ms")]
    public async Task WrongValues_AreNamed(string body, string parameter)
    {
        var response = await _server.Client.PostAsync(Route, new StringContent(body, null, "application/json"));
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, parameter), (response.StatusCode, error.GetProperty("param").GetString()));
    }

    private Task<HttpResponseMessage> PostAsync(object body) => _server.Client.PostAsJsonAsync(Route, body);

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString();

    private Task<string> MetricsAsync() => _server.Client.GetStringAsync("/metrics");

    private async Task UntilFreeAsync()
    {
        await UntilAsync("inference_lanes_open 0");
        await UntilAsync("inference_pictures_running 0");
        await UntilAsync("inference_queued_work_seconds 0");
        await UntilAsync("inference_latents_outstanding 0");
    }

    private async Task UntilAsync(string line)
    {
        for (var i = 0; i < 1500; i++)
        {
            if ((await MetricsAsync()).Split('\n').Contains(line))
                return;
            await Task.Delay(20);
        }
        Assert.Fail($"never: {line}\n{await MetricsAsync()}");
    }
}
