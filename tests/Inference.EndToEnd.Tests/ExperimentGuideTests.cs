using System.Diagnostics;
using System.Text.RegularExpressions;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>docs/ab-testing.md does what it says: its files are written and its commands run one after another, against the real server.</summary>
public sealed partial class ExperimentGuideTests(ExperimentServer server) : IClassFixture<ExperimentServer>
{
    private const string GuideUrl = "http://127.0.0.1:8080";

    [Fact]
    public async Task EveryCommandOfTheGuide_Works()
    {
        using var folder = new TemporaryFolder();
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "ab-testing.md"));
        foreach (Match file in Files().Matches(guide))
            folder.Write(file.Groups["name"].Value, file.Groups["text"].Value);
        var blocks = Commands().Matches(guide).Select(block => block.Groups["text"].Value).ToArray();
        Assert.True(blocks.Length >= 6);
        var inference = $"inference() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "inference.dll")}' \"$@\"; }}\n";
        foreach (var block in blocks)
            await RunAsync(folder.Root, inference + block.Replace(GuideUrl, server.Http.BaseAddress!.ToString().TrimEnd('/')));
        Assert.Contains("</html>", await File.ReadAllTextAsync(folder.PathOf("report.html")));
        var comparison = await File.ReadAllTextAsync(folder.PathOf(Path.Combine("comparison", "report.html")));
        Assert.Contains("data:image/webp;base64,", comparison);
        Assert.DoesNotContain("<script", comparison);
        Assert.Equal(12, Directory.GetFiles(folder.PathOf(Path.Combine("comparison", "pictures"))).Length);
        var numbers = (await File.ReadAllLinesAsync(folder.PathOf(Path.Combine("comparison", "pictures.csv"))))[1..].Select(line => line.Split(',')).ToArray();
        // The same evaluations every time: twenty, twelve, and twenty of which the cache skips some.
        Assert.Equal([("own-20", "20"), ("unipc-12", "12"), ("cached", "20")], numbers.Take(3).Select(row => (row[2], row[3])));
        Assert.All(numbers.Where(row => row[2] == "unipc-12"), row => Assert.InRange(double.Parse(row[7], System.Globalization.CultureInfo.InvariantCulture), 18, 60));
    }

    private static async Task RunAsync(string folder, string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token);
        Assert.True(process.ExitCode == 0, $"{script}\n{await output}\n{await errors}");
    }

    [GeneratedRegex("```(json|text) (?<name>\\S+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex("```sh\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();
}
