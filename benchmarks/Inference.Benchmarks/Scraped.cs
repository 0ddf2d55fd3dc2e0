namespace Inference.Benchmarks;

/// <summary>One reading of a server's /metrics.</summary>
internal sealed class Scraped
{
    private readonly (string Name, string Labels, double Value)[] _lines;

    private Scraped(string text) => _lines = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    public static async Task<Scraped> ReadAsync(HttpClient client) => new(await client.GetStringAsync("/metrics"));

    /// <summary>Sum of a metric over its label sets that contain <paramref name="label"/>.</summary>
    public double Sum(string name, string label = "") => _lines.Where(line => line.Name == name && line.Labels.Contains(label, StringComparison.Ordinal)).Sum(line => line.Value);

    private static (string, string, double) Parse(string line)
    {
        var (space, brace) = (line.LastIndexOf(' '), line.IndexOf('{'));
        var name = brace < 0 ? line[..space] : line[..brace];
        return (name, brace < 0 ? "" : line[brace..space], double.Parse(line[space..], System.Globalization.CultureInfo.InvariantCulture));
    }
}
