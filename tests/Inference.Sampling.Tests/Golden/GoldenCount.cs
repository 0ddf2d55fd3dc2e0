using Xunit.Abstractions;
using Xunit.Sdk;

namespace Inference.Sampling.Tests;

/// <summary>Counts the cases that ran and passed, and says so by family when they are done.</summary>
public sealed class GoldenCount(IMessageSink sink) : IDisposable
{
    private readonly Dictionary<string, (int Ran, int Passed)> _families = [];

    /// <summary>Runs a case and counts it.</summary>
    public async Task RunAsync(string family, Func<Task> run)
    {
        Count(family, passed: 0, ran: 1);
        await run();
        Count(family, passed: 1, ran: 0);
    }

    public void Dispose()
    {
        // Diagnostic messages are the ones that reach the console without detailed logging.
        foreach (var (family, (ran, passed)) in _families.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            Say($"golden {family,-20} {ran,4} ran, {passed,4} passed");
        Say($"golden {"in all",-20} {_families.Values.Sum(count => count.Ran),4} ran, {_families.Values.Sum(count => count.Passed),4} passed, from {GoldenFiles.Folder}");
    }

    private void Count(string family, int passed, int ran)
    {
        var before = _families.GetValueOrDefault(family);
        _families[family] = (before.Ran + ran, before.Passed + passed);
    }

    private void Say(string line) => sink.OnMessage(new DiagnosticMessage(line));
}
