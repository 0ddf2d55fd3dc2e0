using System.Diagnostics.Metrics;

namespace Inference.Server.Tests;

public sealed class PrometheusCollectorTests : IDisposable
{
    private readonly PrometheusCollector _collector = new();
    private readonly Meter _meter = new(ServerMetrics.MeterName);

    [Fact]
    public void Counter_IsWrittenWithHelpTypeAndSuffix()
    {
        var counter = _meter.CreateCounter<long>("test_things", description: "Things counted.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(1, new("kind", "b"), new("status", 200));
        Assert.Contains(
            "# HELP test_things_total Things counted.\n# TYPE test_things_total counter\ntest_things_total{kind=\"a\"} 5\ntest_things_total{kind=\"b\",status=\"200\"} 1\n", _collector.Write());
    }

    [Fact]
    public void Gauge_IsReadWhenWritten()
    {
        var value = 0.5;
        _meter.CreateObservableGauge("test_level", () => value, description: "A level.");
        Assert.Contains("# TYPE test_level gauge\ntest_level 0.5\n", _collector.Write());
        value = 7;
        Assert.Contains("\ntest_level 7\n", _collector.Write());
    }

    [Fact]
    public void Histogram_HasCumulativeBuckets()
    {
        var histogram = _meter.CreateHistogram("test_seconds", description: "Seconds.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2.5] });
        foreach (var value in new[] { 0.25, 0.5, 0.75, 2.5, 3 })
            histogram.Record(value, new KeyValuePair<string, object?>("stage", "decode"));
        Assert.Contains(
            """
            # TYPE test_seconds histogram
            test_seconds_bucket{stage="decode",le="0.5"} 2
            test_seconds_bucket{stage="decode",le="1"} 3
            test_seconds_bucket{stage="decode",le="2.5"} 4
            test_seconds_bucket{stage="decode",le="+Inf"} 5
            test_seconds_sum{stage="decode"} 7
            test_seconds_count{stage="decode"} 5

            """, _collector.Write());
    }

    [Fact]
    public void Histogram_WithoutLabels_HasOnlyItsBounds()
    {
        _meter.CreateHistogram("test_rows", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] }).Record(2);
        Assert.Contains("test_rows_bucket{le=\"1\"} 0\ntest_rows_bucket{le=\"+Inf\"} 1\ntest_rows_sum 2\ntest_rows_count 1\n", _collector.Write());
    }

    [Fact]
    public void LabelValues_AreEscaped()
    {
        _meter.CreateCounter<long>("test_escaped").Add(1, new KeyValuePair<string, object?>("path", "a\\b\"c\nd"));
        Assert.Contains("""test_escaped_total{path="a\\b\"c\nd"} 1""", _collector.Write());
    }

    [Fact]
    public void Series_AreBounded_AndTheRestIsCounted()
    {
        var counter = _meter.CreateCounter<long>("test_many");
        for (var i = 0; i < 6000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        // A series that is known still counts.
        counter.Add(1, new KeyValuePair<string, object?>("id", 0));
        var lines = _collector.Write().Split('\n');
        Assert.InRange(lines.Count(line => line.StartsWith("test_many_total{", StringComparison.Ordinal)), 4900, 5000);
        Assert.Contains("test_many_total{id=\"0\"} 2", lines);
        Assert.InRange(long.Parse(lines.Single(line => line.StartsWith("inference_metrics_dropped_total ", StringComparison.Ordinal)).Split(' ')[1]), 1000, 1100);
    }

    [Fact]
    public async Task Write_WhileSeriesAppear_DoesNotFail()
    {
        var counter = _meter.CreateCounter<long>("test_racing");
        var recording = Task.Run(() =>
        {
            for (var i = 0; i < 4500; i++)
                counter.Add(1, new KeyValuePair<string, object?>("id", i));
        });
        do
            _collector.Write();
        while (!recording.IsCompleted);
        await recording;
        Assert.Contains("test_racing_total{id=\"4499\"} 1", _collector.Write());
    }

    [Fact]
    public void OtherMeters_AreNotCollected()
    {
        using var other = new Meter("Other");
        other.CreateCounter<long>("test_other").Add(1);
        Assert.DoesNotContain("test_other", _collector.Write());
    }

    public void Dispose()
    {
        _meter.Dispose();
        _collector.Dispose();
    }
}
