using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>Debian's Chromium, without a window and without any request of its own.</summary>
internal static class Chromium
{
    private const string Program = "/usr/bin/chromium";

    public const string HowToInstall = "Chromium is not installed: apt-get install -y chromium";

    public static bool IsInstalled => File.Exists(Program);

    public static bool IsRequired => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Starts it with a profile of its own.</summary>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        Assert.True(IsInstalled, HowToInstall);
        return playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }
}
