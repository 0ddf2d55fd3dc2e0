using Inference.EndToEnd.Tests;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>One server and one browser for all tests of the studio.</summary>
public sealed class StudioServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerProcess _process;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public StudioServer() => _process = ServerProcess.With($"--Inference:Jobs:Directory={_folder.PathOf("jobs")}");

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
