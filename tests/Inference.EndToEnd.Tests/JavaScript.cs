using System.Diagnostics;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>Runs the scripts of <c>clients/</c> with node.</summary>
internal static class JavaScript
{
    /// <summary>The folder of the scripts and of the packages they use.</summary>
    public static string Folder { get; } = Repository.PathOf("tests", "Inference.EndToEnd.Tests", "clients");

    /// <summary>Runs a script to its end, which must be a success.</summary>
    /// <returns>Its lines of output.</returns>
    public static async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        Assert.True(process.ExitCode == 0, $"{script}: {process.ExitCode}\n{await output}\n{await errors}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
