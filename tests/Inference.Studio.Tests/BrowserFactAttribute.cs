namespace Inference.Studio.Tests;

/// <summary>A test that needs Debian's Chromium. Without it the test is skipped, except where CI=true says that it must be there.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!Chromium.IsInstalled && !Chromium.IsRequired)
            Skip = Chromium.HowToInstall;
    }
}

/// <inheritdoc cref="BrowserFactAttribute"/>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute()
    {
        if (!Chromium.IsInstalled && !Chromium.IsRequired)
            Skip = Chromium.HowToInstall;
    }
}
