using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>What a first visit costs, and how it is fenced in.</summary>
[Collection(StudioCollection.Name)]
public sealed class FirstLoadTests(StudioServer server)
{
    private const int MostBytes = 150_000;

    [BrowserFact]
    public async Task FirstLoad_IsSmall_StaysOnTheHost_AndComplainsOfNothing()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var sizes = new List<(string Path, int Bytes)>();
        foreach (var response in visit.Responses.ToArray())
            sizes.Add((new Uri(response.Url).AbsolutePath, (await response.BodyAsync()).Length));
        Assert.Contains(sizes, size => size.Path == "/studio/views/generate.js");
        // What the server says it can do is part of the first load, as far as it is more than code.
        Assert.True(sizes.Where(size => size.Path == "/" || size.Path.StartsWith("/studio/", StringComparison.Ordinal)).Sum(size => size.Bytes) < MostBytes, string.Join('\n', sizes));
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Policy_AllowsNothingFromElsewhere_AndNoInlineCode()
    {
        using var response = await server.Http.GetAsync("/");
        var policy = Assert.Single(response.Headers.GetValues("content-security-policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        // The browser keeps to it: text does not become HTML, even by script.
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        var refused = await visit.Page.EvaluateAsync<string>("() => { try { document.createElement('div').innerHTML = '<b>x</b>'; return 'allowed'; } catch (error) { return error.name; } }");
        Assert.Equal("TypeError", refused);
    }

    [BrowserFact]
    public async Task Files_AreAskedForAgain_OnlyWhenTheyHaveChanged()
    {
        using var first = await server.Http.GetAsync("/studio/app.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/studio/app.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await server.Http.SendAsync(again);
        Assert.Equal(System.Net.HttpStatusCode.NotModified, second.StatusCode);
        using var missing = await server.Http.GetAsync("/studio/../appsettings.json");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.StatusCode);
    }

    [BrowserFact]
    public async Task Theme_FollowsTheSystem_UntilItIsChosen()
    {
        await using var visit = await server.VisitAsync(scheme: ColorScheme.Dark);
        await visit.OpenAsync();
        Task<string> Background() => visit.Page.EvaluateAsync<string>("() => getComputedStyle(document.documentElement).backgroundColor");
        Assert.Equal("rgb(19, 20, 20)", await Background());
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Theme: as the system. Change" }).ClickAsync();
        Assert.Equal("rgb(246, 246, 244)", await Background());
        await visit.Page.ReloadAsync();
        Assert.Equal("rgb(246, 246, 244)", await Background());
        visit.AssertClean();
    }
}
