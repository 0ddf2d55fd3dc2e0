namespace Inference.Experiments.Tests;

public sealed class ReportPageTests
{
    [Fact]
    public void ThePage_IsWholeAndEscaped()
    {
        var results = Enumerable.Range(0, 120).SelectMany(pair => new[]
        {
            SampleExperiments.Result(pair % 2, pair), SampleExperiments.Result(1 - pair % 2, pair) with { IsPrimary = false },
        }.Select(result => result.Arm == 0 ? result : result with { Similarity = new(30 + pair % 3, 0.9, 0.1) })).ToArray();
        var html = ReportPage.Render(ReportComposer.Compose(SampleExperiments.Two, results, [new(0, 1, VoteChoice.First, default, null)]));
        Assert.StartsWith("<!doctype html>", html);
        Assert.EndsWith("</html>\n", html);
        Assert.Contains("steps &lt;b&gt;&amp;", html);
        Assert.DoesNotContain("<b>&", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("http", html.Replace("http://www.w3.org", ""));
        Assert.Contains("<svg", html);
        Assert.Contains("service_ms: paired differences", html);
        Assert.Contains("psnr: likeness to twenty", html);
        Assert.DoesNotContain("NaN", html);
        Assert.Contains("There are no results yet.", ReportPage.Render(ReportComposer.Compose(SampleExperiments.Two, [], [])));
    }
}
