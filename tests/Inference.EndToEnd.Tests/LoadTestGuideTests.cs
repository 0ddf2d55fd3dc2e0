using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>docs/load-testing.md does what it says: its files are written and its commands run, against the real server.</summary>
public sealed partial class LoadTestGuideTests(ServerProcess server) : IClassFixture<ServerProcess>, IDisposable
{
    private const string GuideUrl = "http://127.0.0.1:8080";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-loadtest-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task EveryCommandOfTheGuide_Works()
    {
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "load-testing.md"));
        foreach (Match file in Files().Matches(guide))
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, file.Groups["name"].Value), file.Groups["text"].Value);
        var commands = Commands().Matches(guide).SelectMany(block => block.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal(6, commands.Length);
        foreach (var command in commands)
        {
            Assert.Contains(GuideUrl, command);
            var arguments = command.Replace(GuideUrl, server.Client.BaseAddress!.ToString().TrimEnd('/')).Split(' ')[1..];
            var (code, output, errors) = await RunAsync(arguments);
            Assert.True(code == 0, $"{command}\n{output}\n{errors}");
            var folder = Path.Combine(_folder.FullName, arguments[^1]);
            var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json"))).RootElement;
            Assert.Equal(0, report.GetProperty("overall").GetProperty("failed").GetInt32());
            Assert.True(report.GetProperty("overall").GetProperty("succeeded").GetInt32() > 0, command);
            Assert.Contains("denoise", report.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("stage").GetString()));
            Assert.Contains("</html>", await File.ReadAllTextAsync(Path.Combine(folder, "report.html")));
            Assert.StartsWith("# Load test", await File.ReadAllTextAsync(Path.Combine(folder, "report.md")));
        }
    }

    [Theory]
    [InlineData("above 0", "--rate", "0")]
    [InlineData("mix file 'nowhere.json' does not exist", "--mix", "nowhere.json")]
    [InlineData("requests[0].stepz: unknown field", "--mix", "unknown.json")]
    [InlineData("has no prompts", "--mix", "empty.json")]
    [InlineData("--find-rate needs an objective", "--find-rate")]
    [InlineData("exclude each other", "--rate", "1", "--ramp", "1..2")]
    public async Task WrongArguments_AreNamed_AndFail(string message, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "unknown.json"), """{ "requests": [{ "prompt": "x", "stepz": 4 }] }""");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "empty.json"), """{ "requests": [{ "prompts_file": "empty.txt" }] }""");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "empty.txt"), "\n");
        var (code, _, errors) = await RunAsync(["loadtest", server.Client.BaseAddress!.ToString(), .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "connection refused")]
    [InlineData("http://nosuch.invalid", "unknown host")]
    public async Task UnreachableServers_AreAnError(string url, string message)
    {
        var (code, _, errors) = await RunAsync(["loadtest", url]);
        Assert.Equal(1, code);
        Assert.Contains(message, errors);
    }

    [Fact]
    public async Task TlsAgainstAPlainServer_IsAnError()
    {
        var (code, _, errors) = await RunAsync(["loadtest", $"https://127.0.0.1:{server.Client.BaseAddress!.Port}"]);
        Assert.Equal(1, code);
        Assert.Contains("TLS", errors);
    }

    [Fact]
    public async Task ControlC_WritesTheReportOfWhatWasMeasured()
    {
        using var process = Start(["loadtest", server.Client.BaseAddress!.ToString(), "--arrivals", "constant", "--rate", "1", "--duration", "10m", "-o", "stopped"]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await Task.Delay(TimeSpan.FromSeconds(8));
        using var signal = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.True(process.ExitCode == 130, $"{process.ExitCode}\n{await output}\n{await errors}");
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "stopped", "report.json"))).RootElement;
        Assert.True(report.GetProperty("interrupted").GetBoolean());
        Assert.InRange(report.GetProperty("overall").GetProperty("requests").GetInt32(), 1, 10);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token);
        return (process.ExitCode, await output, await errors);
    }

    private Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "inference.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = _folder.FullName,
        Environment = { ["COLUMNS"] = "200" },
    })!;

    [GeneratedRegex("```(json|text) (?<name>\\S+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex("```sh\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();
}
