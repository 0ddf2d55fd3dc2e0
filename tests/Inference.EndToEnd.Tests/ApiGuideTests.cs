using System.Diagnostics;
using System.Text.RegularExpressions;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>docs/api.md does what it says: every block is run as it stands, one after another in one folder, against the real server.</summary>
public sealed partial class ApiGuideTests
{
    private const string GuideUrl = "http://127.0.0.1:8080";

    [Fact]
    public async Task EveryBlockOfTheGuide_Works()
    {
        await using var server = new JobServer();
        await server.StartAsync();
        using var folder = new TemporaryFolder();
        // Where a reader would have run npm install openai.
        Directory.CreateSymbolicLink(folder.PathOf("node_modules"), Path.Combine(JavaScript.Folder, "node_modules"));
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "api.md"));
        var blocks = Blocks().Matches(guide);
        Assert.Equal(["sh", "js", "csharp", "sh", "js", "sh", "js", "sh"], blocks.Select(block => block.Groups["language"].Value));
        foreach (Match block in blocks)
        {
            var text = block.Groups["text"].Value;
            Assert.Contains(GuideUrl, text);
            text = text.Replace(GuideUrl, server.Http.BaseAddress!.ToString().TrimEnd('/'));
            var file = block.Groups["name"].Value;
            if (file.Length > 0)
                folder.Write(file, text);
            await RunAsync(folder.Root, block.Groups["language"].Value switch
            {
                "sh" => ["bash", "-euo", "pipefail", "-c", text],
                "js" => ["node", file],
                _ => ["dotnet", "run", file],
            });
        }
        foreach (var picture in new[] { "apple-curl", "apple-js", "apple-cs", "apple-edit", "boat-0", "boat-1", "boat", "job-0", "job-1" })
        {
            var image = ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(folder.PathOf($"{picture}.png")), new()).Image;
            Assert.Equal((picture, 128, 128), (picture, image.Width, image.Height));
        }
    }

    private static async Task RunAsync(string folder, string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}\n{await output}\n{await errors}");
    }

    [GeneratedRegex("```(?<language>sh|js|csharp)( (?<name>\\S+))?\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
