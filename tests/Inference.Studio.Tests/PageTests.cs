using System.Net.Http.Json;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>
/// Every page with something on it, light and dark, wide and narrow: no rule of accessibility is broken and nothing sticks out. With INFERENCE_SCREENSHOTS
/// set to a folder the pages are put there as pictures: <c>INFERENCE_SCREENSHOTS=docs/studio dotnet test -c Release tests/Inference.Studio.Tests --filter PageTests</c>.
/// </summary>
[Collection(StudioCollection.Name)]
public sealed class PageTests(StudioServer server)
{
    private const int Wide = 1280;
    private const int Narrow = 360;

    [BrowserTheory]
    [InlineData(ColorScheme.Light, Wide)]
    [InlineData(ColorScheme.Dark, Wide)]
    [InlineData(ColorScheme.Light, Narrow)]
    [InlineData(ColorScheme.Dark, Narrow)]
    public async Task Pages_AreAccessible_AndFit(ColorScheme scheme, int width)
    {
        await using var visit = await server.VisitAsync(scheme: scheme, width: width, height: width == Wide ? 900 : 740);
        await visit.OpenAsync();
        await CheckAsync(visit, null, scheme, width);
        await visit.Field("Pictures").FillAsync("2");
        await visit.GenerateAsync("a red apple on a blue background", 7, 6);
        await CheckAsync(visit, "generate", scheme, width);

        await visit.OpenAsync("gallery");
        await CheckAsync(visit, "gallery", scheme, width);
        await visit.Shown.Locator(".gallery button").First.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync(visit, "picture", scheme, width);
        await visit.Page.Keyboard.PressAsync("Escape");

        await visit.OpenAsync("compare");
        await visit.Field("Prompt").FillAsync("a sailboat");
        await visit.Field("Seed").FillAsync("9");
        await visit.Field("Method A").GetByLabel("Steps", new() { Exact = true }).FillAsync("6");
        await visit.Field("Method B").GetByLabel("Steps", new() { Exact = true }).FillAsync("4");
        await visit.Button("Compare").ClickAsync();
        await visit.Shown.GetByText("Which is best?").WaitForAsync();
        await visit.Page.EvaluateAsync("() => document.querySelector('.toolbar').scrollIntoView()");
        await CheckAsync(visit, "compare", scheme, width);

        await visit.OpenAsync("live");
        await visit.Shown.GetByText("Outcomes since the start").WaitForAsync();
        // Something to see: pictures of several sizes of requests, over a few looks.
        await Task.WhenAll(Enumerable.Range(1, 4).Select(n => server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", n, num_inference_steps = 4 + n })));
        await visit.Page.WaitForTimeoutAsync(2500);
        await CheckAsync(visit, "live", scheme, width);

        var experiment = await server.ExperimentAsync();
        await visit.OpenAsync("experiments");
        await visit.Shown.GetByRole(AriaRole.Link, new() { Name = "fewer-steps" }).WaitForAsync();
        await CheckAsync(visit, "experiments", scheme, width);
        await visit.OpenAsync("experiments/new");
        await visit.Button("Make experiment").WaitForAsync();
        await CheckAsync(visit, null, scheme, width);
        await visit.OpenAsync($"experiments/{experiment}");
        await visit.Shown.GetByText("Differences to the reference").First.WaitForAsync();
        await CheckAsync(visit, "report", scheme, width);
        visit.AssertClean();
    }

    private static async Task CheckAsync(Visit visit, string? name, ColorScheme scheme, int width)
    {
        await visit.Page.EvaluateAsync("() => Promise.all([...document.images].filter(image => !image.complete).map(image => image.decode().catch(() => {})))");
        var (content, window) = (await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), await visit.Page.EvaluateAsync<int>("() => document.documentElement.clientWidth"));
        Assert.True(content <= window, $"{name}: {content} of {window} pixels");
        await Accessibility.CheckAsync(visit.Page);
        if (name is not null && Environment.GetEnvironmentVariable("INFERENCE_SCREENSHOTS") is { Length: > 0 } folder)
            await visit.Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(Path.IsPathRooted(folder) ? folder : Repository.PathOf(folder), $"{name}-{scheme.ToString().ToLowerInvariant()}-{(width == Wide ? "wide" : "narrow")}.png"),
            });
    }
}
