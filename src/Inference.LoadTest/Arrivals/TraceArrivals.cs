namespace Inference.LoadTest;

/// <summary>Arrivals read from a file.</summary>
internal sealed class TraceArrivals(string name, IReadOnlyList<TimeSpan> times, TimeSpan duration) : IArrivals
{
    private const int MaxProblems = 10;

    public string Description => FormattableString.Invariant($"trace {name}, {times.Count} arrivals in {Units.Format(duration)}");

    public TimeSpan Duration => duration;

    public IEnumerable<TimeSpan> Times(long seed) => times;

    public static TraceArrivals Read(string path, TimeSpan? limit)
    {
        var times = new List<TimeSpan>();
        var problems = new List<string>();
        var number = 0;
        foreach (var line in TextFile.ReadLines(path, "trace"))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text.StartsWith('#'))
                continue;
            if (!Units.TryParseNumber(text, out var seconds) || seconds > 86_400)
                problems.Add($"{path}, line {number}: '{TextFile.Shorten(text)}' is not a number of seconds from 0 to 86400");
            else if (times.Count > 0 && TimeSpan.FromSeconds(seconds) < times[^1])
                problems.Add($"{path}, line {number}: {text} lies before the line above it; the times must ascend");
            else
                times.Add(TimeSpan.FromSeconds(seconds));
        }
        if (times.Count == 0 && problems.Count == 0)
            problems.Add($"the trace '{path}' has no arrivals");
        if (problems.Count > 0)
            throw new LoadTestException([.. problems.Take(MaxProblems)]);
        var kept = times.Where(time => limit is null || time < limit).ToArray();
        if (kept.Length == 0)
            throw new LoadTestException($"the trace '{path}' has no arrivals before {Units.Format(limit!.Value)}");
        // Without a limit the window ends just behind the last arrival.
        return new(Path.GetFileName(path), kept, limit ?? times[^1] + TimeSpan.FromMilliseconds(1));
    }
}
