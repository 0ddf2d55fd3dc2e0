using Xunit;

namespace Inference.Fuzz;

/// <summary>The short form of the runner, for every test run.</summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task MutatedRequests_BreakNothing()
    {
        var report = await FuzzRun.RunAsync(new() { Requests = 4_000, Seed = 20, Limit = TimeSpan.FromSeconds(60) }, TextWriter.Null);
        Assert.True(report.Findings.Count == 0, report.ToString());
        // The mutations are neither harmless nor hopeless: many requests are refused for a field, and some are served.
        Assert.True(report.Statuses.GetValueOrDefault(200) > report.Requests / 50, report.ToString());
        Assert.True(report.Statuses.GetValueOrDefault(400) > report.Requests / 4, report.ToString());
    }
}
