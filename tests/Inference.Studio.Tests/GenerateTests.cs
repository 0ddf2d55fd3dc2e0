using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The page that generates.</summary>
[Collection(StudioCollection.Name)]
public sealed class GenerateTests(StudioServer server)
{
    [BrowserFact]
    public async Task Generate_ShowsPreviews_ThenThePictureThatTheApiGives()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Page.EvaluateAsync("""
            () => {
              window.seen = new Set();
              new MutationObserver(() => { for (const image of document.querySelectorAll(".stage img")) window.seen.add(image.alt); }).observe(document.querySelector(".stage"), { subtree: true, childList: true });
            }
            """);
        await visit.GenerateAsync("a red apple on a blue background", 7, 6);
        var seen = await visit.Page.EvaluateAsync<string[]>("() => [...window.seen]");
        Assert.Contains(seen, alt => alt.StartsWith("Preview after step", StringComparison.Ordinal) && alt.EndsWith("of 6", StringComparison.Ordinal));
        await Assertions.Expect(visit.Shown.GetByText("seed 7 · DPM-Solver++(2M), 6 steps, guidance 4 · 6 evaluations")).ToBeVisibleAsync();

        var shown = await PictureAsync(visit, ".stage-pictures img");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(new { prompt = "a red apple on a blue background", seed = 7, num_inference_steps = 6 }) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        using var answer = await server.Http.SendAsync(request);
        Assert.Equal(Decode(await answer.Content.ReadAsByteArrayAsync()).Pixels, Decode(shown).Pixels);
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Generate_SeveralPictures_EachWithASeedOfItsOwn()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Field("Pictures").FillAsync("3");
        await visit.GenerateAsync("a star", 10, 4);
        await Assertions.Expect(visit.Shown.Locator(".stage-pictures button img")).ToHaveCountAsync(3);
        await Assertions.Expect(visit.Shown.GetByText("seed 12", new() { Exact = true })).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Cancel_EndsTheWork()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        var before = await CancelledAsync();
        await visit.Field("Prompt").FillAsync("a sailboat");
        await visit.Field("Steps").FillAsync("200");
        await visit.Button("Generate").ClickAsync();
        await visit.Shown.GetByText("Step ").First.WaitForAsync();
        await visit.Button("Cancel").ClickAsync();
        await visit.Shown.GetByRole(AriaRole.Heading, new() { Name = "Cancelled" }).WaitForAsync();
        Assert.Equal(before + 1, await CancelledAsync());
        await Assertions.Expect(visit.Button("Cancel")).ToBeHiddenAsync();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task QueuePosition_IsShown_WhileOthersAreServed()
    {
        // As many pictures as run side by side, and a request behind them that the studio's has to let go first.
        var others = Enumerable.Range(0, 3).Select(i => server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", n = 8, num_inference_steps = 12, seed = i })).ToArray();
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Field("Prompt").FillAsync("a sailboat");
        await visit.Field("Steps").FillAsync("4");
        await visit.Page.EvaluateAsync("""
            () => {
              window.said = new Set();
              new MutationObserver(() => window.said.add(document.querySelector(".progress-line p").textContent)).observe(document.querySelector(".progress-line"), { subtree: true, childList: true, characterData: true });
            }
            """);
        await visit.Button("Generate").ClickAsync();
        await visit.Button("Details and code").WaitForAsync();
        Assert.Contains(await visit.Page.EvaluateAsync<string[]>("() => [...window.said]"), text => text.StartsWith("Waiting: ", StringComparison.Ordinal));
        foreach (var other in others)
            (await other).Dispose();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Errors_StandAtTheFieldTheyAreAbout()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Field("Prompt").FillAsync("a star");
        await visit.Field("Steps").FillAsync("1000");
        await visit.Button("Generate").ClickAsync();
        await Assertions.Expect(visit.Shown.GetByText("'num_inference_steps' must be from 1 to 200, not 1000.")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Field("Steps")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(visit.Field("Steps")).ToBeFocusedAsync();
        // An option of a sampler, in its folded list.
        await visit.Field("Steps").FillAsync("4");
        await Assertions.Expect(visit.Shown.GetByText("must be from 1 to 200")).ToBeHiddenAsync();
        await visit.Field("Sampler").SelectOptionAsync("euler-a");
        await visit.Shown.GetByText("Sampler options").ClickAsync();
        await visit.Field("eta").FillAsync("-1");
        await visit.Button("Generate").ClickAsync();
        await Assertions.Expect(visit.Shown.Locator("[aria-invalid=true]").First).ToBeVisibleAsync();
        Assert.All(visit.Complaints, complaint => Assert.Contains("status of 400", complaint));
    }

    [BrowserFact]
    public async Task TextOfUsers_IsNeverHtml()
    {
        const string Nasty = "<img src=x onerror=\"document.title='broken'\"><b>bold</b>";
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.GenerateAsync(Nasty, 1, 4);
        await visit.Button("Details and code").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("dialog[open] h2")).ToHaveTextAsync(Nasty);
        Assert.Equal(0, await visit.Page.Locator("#view b, #view img[src=x]").CountAsync());
        Assert.DoesNotContain("broken", await visit.Page.TitleAsync());
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Keyboard_IsEnough()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visit.Page.GetByText("Skip to the page")).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visit.Field("Prompt")).ToBeFocusedAsync();
        await visit.Page.Keyboard.TypeAsync("a star");
        await visit.Field("Steps").FillAsync("4");
        await visit.Page.Keyboard.PressAsync("Control+Enter");
        await visit.Button("Details and code").WaitForAsync();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task Choices_AreTheServersOwn()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        var models = await server.Http.GetFromJsonAsync<JsonElement>("/v1/models");
        var offered = await visit.Field("Sampler").Locator("option").EvaluateAllAsync<string[]>("options => options.map(option => option.value).filter(value => value)");
        Assert.Equal(models.GetProperty("data")[0].GetProperty("samplers").EnumerateArray().Select(name => name.GetString()!).Order(), offered.Order());
        Assert.Equal("200", await visit.Field("Steps").GetAttributeAsync("max"));
        Assert.Equal(Ids(await server.Http.GetFromJsonAsync<JsonElement>("/v1/schedules")),
            await visit.Field("Schedule").Locator("option").EvaluateAllAsync<string[]>("options => options.map(option => option.value).filter(value => value)"));
        var cache = await visit.Field("Caching").Locator("option").EvaluateAllAsync<string[]>("options => options.map(option => option.value).filter(value => value)");
        Assert.Equal(Ids(await server.Http.GetFromJsonAsync<JsonElement>("/v1/cache-policies")), cache.Where(value => !value.StartsWith("preset:", StringComparison.Ordinal)));
        var presets = models.GetProperty("data")[0].GetProperty("cache_presets").EnumerateArray().Select(preset => $"preset:{preset.GetProperty("name").GetString()}").Distinct();
        Assert.Equal(presets, cache.Where(value => value.StartsWith("preset:", StringComparison.Ordinal)));
        Assert.Contains("preset:high", cache);
    }

    [BrowserFact]
    public async Task Parallel_IsOffered_AndReported()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        Assert.Equal(Ids(await server.Http.GetFromJsonAsync<JsonElement>("/v1/parallel-methods")),
            await visit.Field("Parallel in time").Locator("option").EvaluateAllAsync<string[]>("options => options.map(option => option.value).filter(value => value)"));
        await visit.Field("Sampler").SelectOptionAsync("ddim");
        await visit.Field("Parallel in time").SelectOptionAsync("picard");
        await visit.Shown.GetByText("Parallel options").ClickAsync();
        await visit.Field("window").FillAsync("3");
        await visit.GenerateAsync("a star", 2, 6);
        await Assertions.Expect(visit.Shown.GetByText(" rounds · ")).ToBeVisibleAsync();
        visit.AssertClean();
    }

    private static IEnumerable<string> Ids(JsonElement list) => list.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!);

    private static RgbImage Decode(byte[] file) => ImageCodecs.Vips.Decode(file, new()).Image;

    private static async Task<byte[]> PictureAsync(Visit visit, string selector)
    {
        // The page may not fetch blobs, by its policy; a canvas loses nothing of an opaque picture.
        var url = await visit.Shown.Locator(selector).First.EvaluateAsync<string>(
            "async image => { await image.decode(); const canvas = document.createElement('canvas'); canvas.width = image.naturalWidth; canvas.height = image.naturalHeight; canvas.getContext('2d').drawImage(image, 0, 0); return canvas.toDataURL('image/png'); }");
        return Convert.FromBase64String(url[(url.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    }

    private async Task<int> CancelledAsync() =>
        (await server.Http.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith("inference_requests_total", StringComparison.Ordinal) && line.Contains("status=\"499\"", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split(' ')[^1]));
}
