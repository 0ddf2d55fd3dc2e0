using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>What /metrics says after requests of many outcomes, and that the dashboard asks for nothing else.</summary>
public sealed partial class MetricsTests(ServerProcess server) : IClassFixture<ServerProcess>, IAsyncLifetime
{
    private const string Route = "/v1/images/generations";
    private IReadOnlyDictionary<string, MetricFamily> _metrics = new Dictionary<string, MetricFamily>();
    private string _text = "";

    public async Task InitializeAsync()
    {
        foreach (var body in new object[]
        {
            new { prompt = "a star", num_inference_steps = 4, sampler = "ddim", n = 2 },
            new { prompt = "a star", num_inference_steps = 2, sampler = "no \"such\"\n sampler" },
            new { prompt = "a star", model = "no-such-model" },
            new { prompt = "a star", num_inference_steps = 100, timeout_ms = 1 },
        })
            using (await server.Client.PostAsJsonAsync(Route, body))
            {
            }
        _text = await server.Client.GetStringAsync("/metrics");
        _metrics = Exposition.Read(_text);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("inference_stage_duration_seconds", "stage", "queue text denoise decode encode")]
    [InlineData("inference_batch_rows", "flush", "all_waiting full guard")]
    [InlineData("inference_requests_total", "sampler", "ddim dpmpp-2m none")]
    [InlineData("inference_requests_total", "model", "pictogram-128 none")]
    [InlineData("inference_requests_total", "status", "200 400 404 429")]
    [InlineData("inference_step_duration_seconds", "model", "pictogram-128")]
    public void Labels_AreOfABoundedSet(string name, string label, string allowed)
    {
        var values = _metrics[name].Samples.Select(sample => sample.Labels[label]).Distinct().ToArray();
        Assert.NotEmpty(values);
        Assert.All(values, value => Assert.Contains(value, allowed.Split(' ')));
    }

    [Theory]
    [InlineData("inference_request_duration_seconds", "histogram")]
    [InlineData("inference_batch_padding_ratio", "histogram")]
    [InlineData("inference_batch_padding_rows_total", "counter")]
    [InlineData("inference_device_busy_seconds_total", "counter")]
    [InlineData("inference_device_idle_ratio", "gauge")]
    [InlineData("inference_queued_work_seconds", "gauge")]
    [InlineData("inference_ready", "gauge")]
    [InlineData("inference_live", "gauge")]
    public void Metric_IsThere(string name, string type) => Assert.Equal(type, _metrics[name].Type);

    [Fact]
    public void Steps_AndDeviceTime_AreCounted()
    {
        // Two pictures of four steps each, whatever else ran at warm-up.
        Assert.True(Sum("inference_step_duration_seconds_count") >= 8);
        Assert.InRange(Sum("inference_device_idle_ratio"), 0, 1);
        Assert.InRange(Sum("inference_device_busy_seconds_total"), 1e-6, Sum("inference_batch_duration_seconds_sum") * 1.001);
    }

    [PromtoolFact]
    public async Task Promtool_FindsNothing()
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(_text);
        process.StandardInput.Close();
        var complaints = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((0, ""), (process.ExitCode, complaints));
    }

    [Fact]
    public void Dashboard_AsksOnlyForMetricsThereAre()
    {
        var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("k8s", "grafana-dashboard.json"))).RootElement;
        var expressions = dashboard.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToArray();
        var asked = expressions.SelectMany(expression => MetricName().Matches(expression)).Select(match => match.Value).Distinct().ToArray();
        Assert.True(asked.Length > 15);
        // Counted from the first failure on.
        string[] later = ["inference_device_retries_total", "inference_circuit_openings_total", "inference_batch_failures_total"];
        var known = _metrics.Values.SelectMany(family => family.Samples).Select(sample => sample.Name).Concat(later).ToHashSet();
        Assert.All(asked, name => Assert.Contains(name, known));
    }

    private double Sum(string name) => _metrics.Values.SelectMany(family => family.Samples).Where(sample => sample.Name == name).Sum(sample => sample.Value);

    [GeneratedRegex(@"\binference_[a-z0-9_]+")]
    private static partial Regex MetricName();
}
