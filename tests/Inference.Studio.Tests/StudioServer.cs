using System.Net.Http.Json;
using System.Text.Json;
using Inference.EndToEnd.Tests;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>One server and one browser for all tests of the studio.</summary>
public sealed class StudioServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerProcess _process;
    private readonly Lazy<Task<string>> _experiment;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public StudioServer()
    {
        _experiment = new(MakeExperimentAsync);
        _process = ServerProcess.With($"--Inference:Jobs:Directory={_folder.PathOf("jobs")}", $"--Inference:Experiments:File={_folder.PathOf("experiments.db")}");
    }

    /// <summary>A client of the server.</summary>
    public HttpClient Http => _process.Client;

    /// <summary>Its address, with a slash at the end.</summary>
    public Uri Address => _process.Client.BaseAddress!;

    public async Task InitializeAsync()
    {
        // Without a browser the tests are skipped, or fail below.
        if (!Chromium.IsInstalled && !Chromium.IsRequired)
            return;
        // A machine with much to do is no reason to fail.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await Chromium.LaunchAsync(_playwright);
        await _process.InitializeAsync();
    }

    /// <summary>An experiment with results, pairs and votes, made once.</summary>
    /// <returns>Its id.</returns>
    public Task<string> ExperimentAsync() => _experiment.Value;

    /// <summary>A page of a visitor who was never here.</summary>
    /// <param name="server">Another server than the common one, or null.</param>
    /// <param name="scheme">What the visitor's system prefers.</param>
    /// <param name="width">Width of the window in pixels.</param>
    /// <param name="height">Height of the window in pixels.</param>
    internal async Task<Visit> VisitAsync(ServerProcess? server = null, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        var context = await _browser!.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height }, AcceptDownloads = true });
        return await Visit.BeginAsync(context, server?.Client.BaseAddress ?? Address);
    }

    private async Task<string> MakeExperimentAsync()
    {
        using var made = await Http.PostAsJsonAsync("/v1/experiments", new
        {
            name = "fewer-steps",
            arms = new object[]
            {
                new { name = "own-8", options = new { num_inference_steps = 8 } },
                new { name = "unipc-4", options = new { num_inference_steps = 4, sampler = "unipc", schedule = "focused" } },
            },
            pairing = new { enabled = true, share = 1 },
        });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        string[] prompts = ["a star", "a red apple", "a penguin", "a guitar"];
        for (var i = 0; i < 24; i++)
            (await Http.PostAsJsonAsync("/v1/images/generations", new { prompt = prompts[i % prompts.Length], seed = i, experiment = id })).EnsureSuccessStatusCode();
        foreach (var vote in new object[] { new { winner = "own-8", loser = "unipc-4" }, new { winner = "unipc-4", loser = "own-8" }, new { winner = "own-8", loser = "unipc-4" }, new { tie = new[] { "own-8", "unipc-4" } } })
            (await Http.PostAsJsonAsync($"/v1/experiments/{id}/votes", vote)).EnsureSuccessStatusCode();
        // The other arms run when nothing else waits.
        for (var i = 0; i < 600 && (await Http.GetFromJsonAsync<JsonElement>($"/v1/experiments/{id}")).GetProperty("pairs").GetInt32() < 24; i++)
            await Task.Delay(50);
        return id;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class StudioCollection : ICollectionFixture<StudioServer>
{
    public const string Name = "studio";
}
