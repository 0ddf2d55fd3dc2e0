namespace Inference.LoadTest;

/// <summary>The arrival processes there are. Rates are requests a second.</summary>
public static class Arrivals
{
    /// <summary>Largest rate that can be asked for.</summary>
    public const double MaxRate = 100_000;

    /// <summary>Independent arrivals at a mean rate.</summary>
    /// <exception cref="LoadTestException">The rate is not above 0 and at most <see cref="MaxRate"/>.</exception>
    public static IArrivals Poisson(double rate, TimeSpan duration) => new PoissonArrivals(Checked(rate, "rate"), duration);

    /// <summary>Arrivals at equal distances.</summary>
    /// <exception cref="LoadTestException">The rate is not above 0 and at most <see cref="MaxRate"/>.</exception>
    public static IArrivals Constant(double rate, TimeSpan duration) => new ConstantArrivals(Checked(rate, "rate"), duration);

    /// <summary>Independent arrivals, the mean rate moving in a straight line over the duration.</summary>
    /// <exception cref="LoadTestException">A rate is not above 0 and at most <see cref="MaxRate"/>.</exception>
    public static IArrivals Ramp(double from, double to, TimeSpan duration)
    {
        var problems = new[] { Problem(from, "start of the ramp"), Problem(to, "end of the ramp") }.OfType<string>().ToArray();
        return problems.Length == 0 ? new RampArrivals(from, to, duration) : throw new LoadTestException(problems);
    }

    /// <summary>Arrivals as recorded: a text file with one offset in seconds a line, ascending; empty lines and lines that start with # are skipped.</summary>
    /// <param name="limit">Leaves out what lies at or behind it; null takes the whole trace.</param>
    /// <exception cref="LoadTestException">The file cannot be read, or a line is wrong.</exception>
    public static IArrivals Trace(string path, TimeSpan? limit) => TraceArrivals.Read(path, limit);

    private static double Checked(double rate, string name) => Problem(rate, name) is { } problem ? throw new LoadTestException(problem) : rate;

    private static string? Problem(double rate, string name) =>
        rate is > 0 and <= MaxRate ? null : FormattableString.Invariant($"the {name} must be above 0 and at most {MaxRate} requests a second, not {rate}");
}
