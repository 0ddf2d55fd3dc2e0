using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The page that compares.</summary>
[Collection(StudioCollection.Name)]
public sealed class CompareTests(StudioServer server)
{
    [BrowserFact]
    public async Task FourArms_AreCompared_ZoomedTogether_AndVotedOn()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("compare");
        await visit.Field("Prompt").FillAsync("a sailboat");
        await visit.Field("Seed").FillAsync("9");
        await visit.Button("Add an arm").ClickAsync();
        await visit.Button("Add an arm").ClickAsync();
        await Assertions.Expect(visit.Button("Add an arm")).ToBeHiddenAsync();
        foreach (var (letter, steps) in new[] { ("A", 6), ("B", 6), ("C", 4), ("D", 6) })
            await visit.Field($"Method {letter}").GetByLabel("Steps", new() { Exact = true }).FillAsync(steps.ToString());
        await visit.Field("Method B").GetByLabel("Sampler", new() { Exact = true }).SelectOptionAsync("unipc");
        await visit.Field("Method D").GetByLabel("Caching", new() { Exact = true }).SelectOptionAsync("fora");
        await visit.Button("Compare").ClickAsync();
        await visit.Shown.GetByText("Which is best?").WaitForAsync();

        await Assertions.Expect(visit.Shown.Locator(".pane img")).ToHaveCountAsync(4);
        var rows = await visit.Shown.GetByRole(AriaRole.Region, new() { Name = "What each method took" }).Locator("tbody tr").AllInnerTextsAsync();
        Assert.Equal(4, rows.Count);
        Assert.Contains("B · UniPC, 6 steps, guidance 4", rows[1]);
        Assert.Contains("dB", rows[1]);
        Assert.Contains("\t4\t8\t100 %", rows[2]);
        Assert.DoesNotContain("100 %", rows[3]);

        // One view is zoomed with the keyboard; all have moved.
        var views = visit.Shown.Locator(".pane-view");
        await views.Nth(2).FocusAsync();
        await visit.Page.Keyboard.PressAsync("+");
        await visit.Page.Keyboard.PressAsync("+");
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        var transforms = await visit.Shown.Locator(".pane-view > *").EvaluateAllAsync<string[]>("views => views.map(view => view.style.transform)");
        Assert.Equal(4, transforms.Length);
        Assert.StartsWith("scale(2.25)", transforms[0]);
        Assert.Single(transforms.Distinct());
        await visit.Button("Whole picture").ClickAsync();

        // A is not black, its differences to the others are drawn, and those of a picture to itself would be.
        await visit.Button("Difference to A").ClickAsync();
        await Assertions.Expect(visit.Shown.Locator(".pane canvas")).ToHaveCountAsync(3);
        Assert.All(await visit.Shown.Locator(".pane canvas").EvaluateAllAsync<int[]>("all => all.map(canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((value, i) => i % 4 !== 3 && value > 0).length)"), changed => Assert.NotEqual(0, changed));

        await visit.Button("B is best").ClickAsync();
        await visit.Shown.GetByText("You chose B.").WaitForAsync();
        await visit.Page.ReloadAsync();
        await visit.Shown.GetByText("Earlier comparisons").ClickAsync();
        var history = visit.Shown.GetByRole(AriaRole.Region, new() { Name = "Earlier comparisons" });
        Assert.Contains("\tB\t", await history.Locator("tbody tr").InnerTextAsync());
        await history.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await visit.Shown.GetByText("You chose B.").WaitForAsync();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task ErrorOfAnArm_StandsAtItsField_AndCancelEndsAll()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("compare");
        await visit.Field("Prompt").FillAsync("a sailboat");
        await visit.Field("Method A").GetByLabel("Steps", new() { Exact = true }).FillAsync("4");
        var steps = visit.Field("Method B").GetByLabel("Steps", new() { Exact = true });
        await steps.FillAsync("201");
        await visit.Button("Compare").ClickAsync();
        await Assertions.Expect(steps).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.All(visit.Complaints, complaint => Assert.Contains("status of 400", complaint));

        await steps.FillAsync("200");
        await visit.Field("Run all at the same time").CheckAsync();
        await visit.Button("Compare").ClickAsync();
        await visit.Shown.GetByText("of 200").First.WaitForAsync();
        await visit.Button("Cancel").ClickAsync();
        await visit.Shown.GetByText("Cancelled.").WaitForAsync();
        Assert.Empty(visit.Strangers);
    }
}
