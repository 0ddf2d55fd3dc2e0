namespace Inference.EndToEnd.Tests;

/// <summary>A test that needs promtool (Debian: prometheus); skipped where it is not on the path.</summary>
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
            Skip = "promtool is not installed";
    }
}
