using System.Diagnostics;
using System.Text.Json;

namespace Inference.Benchmarks;

/// <summary>Runs <c>inference loadtest</c> as a process of its own and reads its report.</summary>
internal sealed class LoadTestTool
{
    private readonly JsonElement _report;

    private LoadTestTool(JsonElement report) => _report = report;

    public int Requests => Overall.GetProperty("requests").GetInt32();

    public int Succeeded => Overall.GetProperty("succeeded").GetInt32();

    /// <summary>Right answers a second that came while requests were being sent.</summary>
    public double Throughput => Overall.GetProperty("throughput").GetDouble();

    private JsonElement Overall => _report.GetProperty("overall");

    /// <param name="server">The server.</param>
    /// <param name="mix">The requests, as the tool reads them.</param>
    /// <param name="load">Arguments that say how requests come.</param>
    public static async Task<LoadTestTool> RunAsync(Uri server, string mix, params string[] load)
    {
        var folder = Directory.CreateTempSubdirectory("loadtest-");
        try
        {
            var file = Path.Combine(folder.FullName, "mix.json");
            await File.WriteAllTextAsync(file, mix);
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "inference.dll"), "loadtest", server.ToString(), "--mix", file, "--seed", "11", "-o", folder.FullName, .. load]))!;
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"inference loadtest ended with {process.ExitCode}.");
            return new(JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "report.json"))).RootElement);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Seconds within which this share of the right answers came.</summary>
    public double Latency(double share) => Overall.GetProperty("latency").EnumerateArray()
        .Single(entry => entry.GetProperty("share").GetDouble() == share).GetProperty("seconds").GetProperty("value").GetDouble();

    public int Failures(string code) => _report.GetProperty("errors").EnumerateArray()
        .Where(error => error.GetProperty("code").GetString() == code).Sum(error => error.GetProperty("count").GetInt32());
}
