using System.Globalization;
using System.Text;

namespace Inference.Fuzz;

/// <summary>What came of a run.</summary>
/// <param name="Requests">Requests sent.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Statuses">Answers by status; 0 is none, where the request was cut short.</param>
/// <param name="Codes">Refusals by code.</param>
/// <param name="Leaks">What the server holds afterwards, and by how much its memory grew.</param>
/// <param name="Findings">What must not be, with the request that brought it about.</param>
public sealed record FuzzReport(
    int Requests, TimeSpan Elapsed, IReadOnlyDictionary<int, int> Statuses, IReadOnlyDictionary<string, int> Codes, string Leaks, IReadOnlyList<string> Findings)
{
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Requests} requests in {Elapsed.TotalSeconds:F0} s, {Findings.Count} findings\n");
        foreach (var (status, count) in Statuses.OrderBy(entry => entry.Key))
            text.Append(CultureInfo.InvariantCulture, $"  {status}: {count}\n");
        foreach (var (code, count) in Codes.OrderByDescending(entry => entry.Value))
            text.Append(CultureInfo.InvariantCulture, $"    {code}: {count}\n");
        text.Append(Leaks).Append('\n');
        foreach (var finding in Findings.Take(20))
            text.Append(finding).Append('\n');
        return text.ToString();
    }
}
