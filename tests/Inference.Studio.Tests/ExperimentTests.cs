using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The pages of experiments, and votes that count for them.</summary>
[Collection(StudioCollection.Name)]
public sealed class ExperimentTests(StudioServer server)
{
    [BrowserFact]
    public async Task Experiment_IsMade_Served_VotedOn_Reported_AndRemoved()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("experiments");
        await visit.Shown.GetByRole(AriaRole.Link, new() { Name = "New experiment" }).ClickAsync();
        await visit.Shown.GetByLabel("Name", new() { Exact = true }).First.FillAsync("six-or-four");
        var (first, second) = (visit.Field("Arm 1"), visit.Field("Arm 2"));
        await first.GetByLabel("Name", new() { Exact = true }).FillAsync("six");
        await first.GetByLabel("Steps", new() { Exact = true }).FillAsync("6");
        await second.GetByLabel("Name", new() { Exact = true }).FillAsync("four");
        await second.GetByLabel("Steps", new() { Exact = true }).FillAsync("4");
        await second.GetByLabel("Sampler", new() { Exact = true }).SelectOptionAsync("unipc");
        await visit.Button("Make experiment").ClickAsync();
        await visit.Shown.GetByRole(AriaRole.Heading, new() { Name = "six-or-four" }).WaitForAsync();
        var id = Uri.UnescapeDataString(visit.Page.Url.Split('/')[^1]);
        for (var i = 0; i < 4; i++)
        {
            using var made = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", seed = i, experiment = id });
            Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        }

        // Its arms side by side, and a vote for it.
        await visit.Button("Compare and vote").ClickAsync();
        await Assertions.Expect(visit.Shown.GetByRole(AriaRole.Combobox, new() { Name = "Arms", Exact = true })).ToHaveValueAsync(id);
        await visit.Field("Prompt").FillAsync("a penguin");
        await visit.Button("Compare").ClickAsync();
        await visit.Shown.GetByText("The vote counts for the experiment “six-or-four”.").WaitForAsync();
        await visit.Button("B is best").ClickAsync();
        await visit.Shown.GetByText("You chose B.").WaitForAsync();

        await visit.OpenAsync($"experiments/{id}");
        await visit.Button("Refresh").ClickAsync();
        var votes = visit.Shown.GetByRole(AriaRole.Region, new() { Name = "Votes" });
        Assert.Equal(["six\t0\t1\t0", "four\t1\t0\t0"], (await votes.Locator("tbody tr").AllInnerTextsAsync()).Select(row => string.Join('\t', row.Split('\t')[..4])));
        Assert.Equal(4, (await visit.Shown.GetByRole(AriaRole.Region, new() { Name = "Arms" }).Locator("tbody tr").AllInnerTextsAsync()).Sum(row => int.Parse(row.Split('\t')[3])));
        await Assertions.Expect(visit.Shown.GetByRole(AriaRole.Img, new() { Name = "Latency: " }).First).ToBeVisibleAsync();

        await visit.Button("Stop").ClickAsync();
        await visit.Shown.GetByText("stopped: on request").WaitForAsync();
        visit.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await visit.Button("Remove").ClickAsync();
        await visit.Shown.GetByRole(AriaRole.Heading, new() { Name = "Experiments" }).WaitForAsync();
        Assert.DoesNotContain((await server.Http.GetFromJsonAsync<JsonElement>("/v1/experiments")).GetProperty("data").EnumerateArray(), entry => entry.GetProperty("id").GetString() == id);
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task WhatIsWrong_StandsAtTheArmsField()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("experiments/new");
        await visit.Shown.GetByLabel("Name", new() { Exact = true }).First.FillAsync("wrong");
        await visit.Field("Arm 2").GetByLabel("Steps", new() { Exact = true }).FillAsync("201");
        await visit.Button("Make experiment").ClickAsync();
        await Assertions.Expect(visit.Field("Arm 2").GetByLabel("Steps", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.All(visit.Complaints, complaint => Assert.Contains("status of 400", complaint));
    }

    [BrowserFact]
    public async Task Report_ShowsTheNumbersOfTheServer()
    {
        var id = await server.ExperimentAsync();
        var report = await server.Http.GetFromJsonAsync<JsonElement>($"/v1/experiments/{id}/report");
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync($"experiments/{id}");
        var differences = await visit.Shown.GetByRole(AriaRole.Region, new() { Name = "Differences" }).Locator("tbody tr").AllInnerTextsAsync();
        Assert.Equal(report.GetProperty("differences").GetArrayLength(), differences.Count);
        Assert.Contains(differences, row => row.StartsWith("unipc-4\tEvaluations\tpaired\t24\t−4\t", StringComparison.Ordinal));
        foreach (var warning in report.GetProperty("warnings").EnumerateArray())
            await Assertions.Expect(visit.Shown.GetByText(warning.GetString()!)).ToBeVisibleAsync();
        visit.AssertClean();
    }
}
