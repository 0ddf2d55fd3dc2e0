using System.Globalization;
using System.Text.RegularExpressions;

namespace Inference.TestKit;

/// <summary>One sample of a metric.</summary>
public sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>One metric with its samples.</summary>
public sealed record MetricFamily(string Name, string Help, string Type, IReadOnlyList<MetricSample> Samples);

/// <summary>
/// A strict reader of the Prometheus text format 0.0.4 that also checks what `promtool check metrics` checks: help and type before samples, names and
/// suffixes, families in one piece, no series twice, histograms that are cumulative and end at +Inf.
/// </summary>
public static partial class Exposition
{
    /// <exception cref="FormatException">The text breaks a rule; the message has the line.</exception>
    public static IReadOnlyDictionary<string, MetricFamily> Read(string text)
    {
        if (!text.EndsWith('\n'))
            throw new FormatException("The last line does not end.");
        var families = new Dictionary<string, MetricFamily>();
        (string Name, string Help, string? Type, List<MetricSample> Samples)? current = null;
        foreach (var line in text.Split('\n')[..^1])
            if (HelpLine().Match(line) is { Success: true } help)
            {
                Close(families, current);
                current = (help.Groups[1].Value, help.Groups[2].Value, null, []);
            }
            else if (TypeLine().Match(line) is { Success: true } type && current is { Type: null } open && open.Name == type.Groups[1].Value)
                current = open with { Type = type.Groups[2].Value };
            else if (SampleLine().Match(line) is { Success: true } sample && current is { Type: not null } family && Belongs(sample.Groups[1].Value, family.Name, family.Type))
                family.Samples.Add(new(sample.Groups[1].Value, Labels(sample.Groups[2].Value, line), Value(sample.Groups[3].Value, line)));
            else
                throw new FormatException($"Unexpected line: {line}");
        Close(families, current);
        return families;
    }

    private static void Close(Dictionary<string, MetricFamily> families, (string Name, string Help, string? Type, List<MetricSample> Samples)? entry)
    {
        if (entry is not { } family)
            return;
        if (family.Type is null || family.Samples.Count == 0 || family.Help.Length == 0)
            throw new FormatException($"{family.Name} has no type, no help or no samples.");
        if (!families.TryAdd(family.Name, new(family.Name, family.Help, family.Type, family.Samples)))
            throw new FormatException($"{family.Name} comes twice.");
        if (family.Type == "counter" != family.Name.EndsWith("_total", StringComparison.Ordinal))
            throw new FormatException($"{family.Name} is a {family.Type}: counters, and only they, end in _total.");
        if (family.Type != "histogram" && Suffixes().IsMatch(family.Name) || Units().IsMatch(family.Name))
            throw new FormatException($"{family.Name} is not a name for a {family.Type}.");
        if (family.Samples.Select(Key).Distinct().Count() != family.Samples.Count)
            throw new FormatException($"{family.Name} has a series twice.");
        if (family.Type == "counter" && family.Samples.Any(sample => !(sample.Value >= 0)))
            throw new FormatException($"{family.Name} has a negative count.");
        if (family.Type == "histogram")
            foreach (var series in family.Samples.GroupBy(sample => Key(sample with { Name = "", Labels = sample.Labels.Where(label => label.Key != "le").ToDictionary() })))
                CheckHistogram(family.Name, [.. series]);
    }

    private static void CheckHistogram(string name, MetricSample[] series)
    {
        var buckets = series.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).Select(sample => (Bound: Value(sample.Labels["le"], name), sample.Value)).ToArray();
        var isCumulative = buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Bound < pair.Second.Bound && pair.First.Value <= pair.Second.Value);
        if (!isCumulative || buckets[^1].Bound != double.PositiveInfinity || buckets[^1].Value != series.Single(sample => sample.Name == name + "_count").Value || series.Count(sample => sample.Name == name + "_sum") != 1)
            throw new FormatException($"{name} is no histogram.");
    }

    private static bool Belongs(string sample, string family, string? type) =>
        sample == family && type != "histogram" || type == "histogram" && sample.StartsWith(family, StringComparison.Ordinal) && sample[family.Length..] is "_bucket" or "_sum" or "_count";

    private static string Key(MetricSample sample) => sample.Name + string.Concat(sample.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"\n{label.Key}={label.Value}"));

    private static Dictionary<string, string> Labels(string text, string line)
    {
        var labels = new Dictionary<string, string>();
        for (var rest = text; rest.Length > 0;)
        {
            var label = Label().Match(rest);
            if (!label.Success || !labels.TryAdd(label.Groups[1].Value, Regex.Replace(label.Groups[2].Value, @"\\(.)", match => match.Groups[1].Value == "n" ? "\n" : match.Groups[1].Value)))
                throw new FormatException($"Labels of: {line}");
            rest = rest[label.Length..];
        }
        return labels;
    }

    private static double Value(string text, string line) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw new FormatException($"Value of: {line}"),
    };

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)""")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffixes();

    [GeneratedRegex("_(milliseconds|ms|minutes|hours|kilobytes|kb|megabytes|percent)(_|$)|_(counter|gauge|histogram)$")]
    private static partial Regex Units();
}
