using System.Text.Json;
using System.Xml.Linq;

namespace Inference.LoadTest.Tests;

public sealed class ReportTests : IDisposable
{
    private static readonly Slo Objective = new(TimeSpan.FromMilliseconds(100), 0.95);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-report-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Numbers_AreThoseOfTheRun()
    {
        var report = Report(Run());
        // 100 requests in 10 s: 90 right of 50 ms, 5 right of 200 ms, 5 failures.
        Assert.Equal((100, 95, 5, 0), (report.Overall.Requests, report.Overall.Succeeded, report.Overall.Failed, report.Overall.Unfinished));
        Assert.Equal(9.0, report.Overall.Goodput!.Value, 9);
        Assert.Equal(0.9, report.Overall.Attainment!.Value, 9);
        Assert.Equal(0.05, report.Overall.Latency.Single(quantile => quantile.Share == 0.9).Seconds.Value, 9);
        Assert.Equal(0.2, report.Overall.Latency.Single(quantile => quantile.Share == 0.99).Seconds.Value, 9);
        Assert.Equal(100, report.Series.Sum(slice => slice.Arrivals));
        Assert.Equal(90, report.Series.Sum(slice => slice.Good));
        Assert.Equal(("http 500", 5, "boom </td><script>alert(1)</script> | x"), (report.Errors[0].Code, report.Errors[0].Count, report.Errors[0].Example));
        Assert.Equal(["queue", "total", "outside the server"], report.Stages.Select(stage => stage.Stage));
        Assert.Equal(0.01, report.Stages[0].Mean, 9);
    }

    [Fact]
    public async Task Files_AreWritten_SelfContained_AndEscaped()
    {
        var search = new RateSearchResult(Objective, 4, 3, 5, [new(4, 1, 80, new(0.96, 0.9, 0.99), RateVerdict.Undecided), new(5, 1, 100, new(0.5, 0.4, 0.6), RateVerdict.Fails)], true);
        var paths = await ReportFiles.WriteAsync(Report(Run(), search), Path.Combine(_folder.FullName, "new", "folder"));
        Assert.Equal(["report.json", "report.md", "report.html"], paths.Select(Path.GetFileName));

        var json = JsonDocument.Parse(await File.ReadAllTextAsync(paths[0])).RootElement;
        Assert.Equal(100, json.GetProperty("requests").GetArrayLength());
        Assert.Equal("open_loop", json.GetProperty("load").GetString());
        Assert.Equal(0.1, json.GetProperty("slo").GetProperty("within").GetDouble());

        var html = await File.ReadAllTextAsync(paths[2]);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("href=", html);
        Assert.Equal(5, html.Split("<svg ").Length - 1);
        // Every drawing is well-formed, and every number in it finite.
        foreach (var svg in html.Split("<svg ").Skip(1).Select(part => "<svg " + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)]))
            Assert.DoesNotContain(XElement.Parse(svg).DescendantsAndSelf().Attributes(), attribute => attribute.Value.Contains("NaN", StringComparison.Ordinal) || attribute.Value.Contains('∞'));
        Assert.Contains("\\| x", await File.ReadAllTextAsync(paths[1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunsWithNothingInThem_HaveReportsToo(bool failures)
    {
        var run = new RunRecord(LoadKind.OpenLoop, "x", TimeSpan.Zero, failures ? [Row(0, 0.1, new(FailureKind.Timeout, "timeout", "x"))] : [], [], true);
        var paths = await ReportFiles.WriteAsync(Report(run), _folder.FullName);
        Assert.All(paths, path => Assert.True(new FileInfo(path).Length > 100));
    }

    [Fact]
    public void Interruption_KeepsWhatWasMeasured()
    {
        var clock = new VirtualClock();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30), clock);
        var load = Loads.Open(LoadTest.Arrivals.Constant(10, TimeSpan.FromSeconds(60)));
        var run = clock.Run(() => LoadRunner.RunAsync(load, Mix.Default, 1, new QueueTarget(clock, TimeSpan.FromMilliseconds(150)), clock, null, stop.Token));
        var report = Report(run);
        Assert.True(report.Interrupted);
        Assert.Equal(30, report.Window, 3);
        Assert.InRange(report.Overall.Succeeded, 198, 200);
        Assert.InRange(report.Overall.Unfinished, 100, 102);
        // Those already too late are misses: nothing but the first request is in time.
        Assert.True(report.Overall.Attainment!.Value < 0.01);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("Interrupted after 30.00 s", StringComparison.Ordinal));
    }

    [Fact]
    public void GrowingQueue_IsNoted()
    {
        var clock = new VirtualClock();
        var run = clock.Run(() => LoadRunner.RunAsync(Loads.Open(LoadTest.Arrivals.Constant(10, TimeSpan.FromSeconds(60))), Mix.Default, 1, new QueueTarget(clock, TimeSpan.FromMilliseconds(150)), clock, null, CancellationToken.None));
        Assert.Contains(Report(run).Warnings, warning => warning.StartsWith("More arrived than was answered", StringComparison.Ordinal));
    }

    [Fact]
    public void UnwritableFolder_IsAnError()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        Assert.Contains("cannot be written", Assert.Throws<LoadTestException>(() => ReportFiles.EnsureWritable(file)).Message);
    }

    private static LoadReport Report(RunRecord run, RateSearchResult? search = null) =>
        LoadReport.Of(run, new(new("http://x/v1/images/generations?key=secret"), DateTimeOffset.UnixEpoch, "mix", 1, Objective), search);

    private static RunRecord Run() => new(
        LoadKind.OpenLoop, "constant", TimeSpan.FromSeconds(10),
        [.. Enumerable.Range(0, 100).Select(i => i % 20 == 0
            ? Row(i, 0.01, new(FailureKind.ServerError, "http 500", "boom </td><script>alert(1)</script> | x"))
            : Row(i, i % 20 == 1 ? 0.2 : 0.05, null))],
        [], false);

    private static Measurement Row(int i, double latency, Failure? failure) => new(
        i, "kind", TimeSpan.FromSeconds(i / 10.0), TimeSpan.FromSeconds(i / 10.0), null, TimeSpan.FromSeconds(i / 10.0 + latency), failure, failure is null ? [new("queue", 10), new("total", 40)] : []);
}
