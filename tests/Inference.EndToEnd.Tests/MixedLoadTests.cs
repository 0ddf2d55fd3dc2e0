using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Short forms of the long runs under benchmarks: mixed requests share batches, overload is refused, and nothing stays behind.</summary>
public sealed class MixedLoadTests : IAsyncLifetime
{
    private const string Route = "/v1/images/generations";
    private static readonly string[] Samplers = ["euler", "dpmpp-2m", "unipc", "deis", "heun"];
    private static readonly string[] MustBeZero =
    [
        "inference_lanes_open", "inference_pictures_running", "inference_requests_waiting", "inference_requests_active", "inference_rows_waiting",
        "inference_queued_work_seconds", "inference_latents_outstanding",
    ];

    private readonly ServerProcess _server = ServerProcess.With("--Inference:Batching:CostDirectory=", "--Inference:Queue:MaxQueuedSeconds=8");

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task SingleBatches_MixSamplersAndTimesteps()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => StatusAsync(i, CancellationToken.None)));
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        var metrics = await MetricsAsync();
        Assert.True(Sum(metrics, "inference_batch_samplers_count") > Sum(metrics, "inference_batch_samplers_bucket{le=\"2\"}"));
        Assert.True(Sum(metrics, "inference_batch_timesteps_count") > Sum(metrics, "inference_batch_timesteps_bucket{le=\"2\"}"));
        Assert.True(Sum(metrics, "inference_batch_rows_sum") >= 3 * Sum(metrics, "inference_batch_rows_count"), metrics);
    }

    [Fact]
    public async Task Disconnects_InMixedLoad_LeaveNothingBehind()
    {
        await DisconnectsAsync(0);
        var metrics = await MetricsAsync();
        Assert.All(MustBeZero, name => Assert.Equal(0, Sum(metrics, name)));
        // Buffers are kept for each batch size met, 1 to 33 rows of 57 KB.
        Assert.InRange(Sum(metrics, "inference_pinned_bytes"), 1, 40e6);
    }

    [Fact]
    public async Task Overload_IsRefusedWithATime_AndWhatIsLetInIsServed()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            using var response = await _server.Client.PostAsJsonAsync(Route, Body(i, 30));
            return (response.StatusCode, response.Headers.RetryAfter?.Delta);
        }));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}"));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.True(answer.Delta >= TimeSpan.FromSeconds(1)));
        await SettleAsync();
    }

    private static object Body(int i, int steps) =>
        new { prompt = "a red apple", sampler = Samplers[i % Samplers.Length], num_inference_steps = steps, guidance_scale = 1 + i % 7, seed = i };

    private async Task DisconnectsAsync(int seed)
    {
        var random = new Random(seed);
        var waits = Enumerable.Range(0, 30).Select(_ => random.Next(5, 1500)).ToArray();
        await Task.WhenAll(waits.Select(async (wait, i) =>
        {
            using var gone = new CancellationTokenSource(i % 3 == 0 ? Timeout.Infinite : wait);
            try
            {
                await StatusAsync(seed + i, gone.Token);
            }
            catch (OperationCanceledException)
            {
                // What the test is about.
            }
        }));
        await SettleAsync();
    }

    private async Task<HttpStatusCode> StatusAsync(int i, CancellationToken cancellationToken)
    {
        using var response = await _server.Client.PostAsJsonAsync(Route, Body(i, 5 + i % 7), cancellationToken);
        return response.StatusCode;
    }

    private async Task SettleAsync()
    {
        for (var i = 0; i < 600; i++)
        {
            var metrics = await MetricsAsync();
            if (MustBeZero.All(name => Sum(metrics, name) == 0))
                return;
            await Task.Delay(50);
        }
        Assert.Fail($"Something stayed behind:\n{await MetricsAsync()}");
    }

    private Task<string> MetricsAsync() => _server.Client.GetStringAsync("/metrics");

    private static double Sum(string metrics, string name)
    {
        var values = metrics.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{').ToArray();
        Assert.NotEmpty(values);
        return values.Sum(line => double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture));
    }
}
