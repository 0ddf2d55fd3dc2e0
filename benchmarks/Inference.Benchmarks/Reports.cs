using System.Text;

namespace Inference.Benchmarks;

internal static class Reports
{
    /// <summary>Writes a report to a file and to the console.</summary>
    public static async Task WriteAsync(string folder, string name, StringBuilder report)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, name), report.ToString());
        Console.WriteLine(report);
    }

    /// <summary>Exit code of a run: 0 without failures.</summary>
    public static int Verdict(IReadOnlyCollection<string> failures)
    {
        foreach (var failure in failures)
            Console.Error.WriteLine($"FAILED: {failure}");
        return failures.Count == 0 ? 0 : 1;
    }
}
