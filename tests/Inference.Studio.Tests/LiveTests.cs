using System.Net.Http.Json;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The page that shows what the server does.</summary>
[Collection(StudioCollection.Name)]
public sealed class LiveTests(StudioServer server)
{
    [BrowserFact]
    public async Task Live_ShowsWhatTheMetricsSay()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("live");
        for (var i = 0; i < 2; i++)
            (await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 4 })).EnsureSuccessStatusCode();
        (await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 0 })).Dispose();
        var done = (await server.Http.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith("inference_requests_total", StringComparison.Ordinal) && line.Contains("status=\"200\"", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split(' ')[^1]));
        var outcomes = visit.Shown.Locator("section", new() { HasText = "Outcomes since the start" });
        await Assertions.Expect(outcomes.GetByText(done.ToString(), new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(outcomes.GetByText("400 refused: bad request")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Shown.GetByRole(AriaRole.Img, new() { Name = "Network batches of the last minute by their rows: up to" })).ToBeVisibleAsync();

        // Paused, nothing is asked any more but the status in the header, every three seconds.
        await visit.Button("Pause").ClickAsync();
        await visit.Page.WaitForTimeoutAsync(300);
        var before = Asked(visit);
        await visit.Page.WaitForTimeoutAsync(2500);
        Assert.InRange(Asked(visit) - before, 0, 1);
        visit.AssertClean();
    }

    private static int Asked(Visit visit) => visit.Responses.Count(response => response.Url.EndsWith("/metrics", StringComparison.Ordinal));
}
