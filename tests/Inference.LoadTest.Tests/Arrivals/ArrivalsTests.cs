namespace Inference.LoadTest.Tests;

public sealed class ArrivalsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-arrivals-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Poisson_HasExponentialGaps()
    {
        var times = LoadTest.Arrivals.Poisson(10, TimeSpan.FromSeconds(10_000)).Times(3).Select(time => time.TotalSeconds).ToArray();
        var gaps = times.Zip(times.Skip(1), (a, b) => b - a).ToArray();
        Assert.InRange(times.Length, 99_000, 101_000);
        // Kolmogorov and Smirnov: the largest distance to 1 − e^(−10 t), 1.63/√n at 1 %.
        var sorted = gaps.Order().ToArray();
        var distance = sorted.Select((gap, i) => Math.Abs((i + 0.5) / sorted.Length - (1 - Math.Exp(-10 * gap)))).Max();
        Assert.InRange(distance, 0, 1.63 / Math.Sqrt(sorted.Length));
    }

    [Fact]
    public void Times_DependOnTheSeedAlone()
    {
        var arrivals = LoadTest.Arrivals.Poisson(5, TimeSpan.FromSeconds(100));
        Assert.Equal(arrivals.Times(1), arrivals.Times(1));
        Assert.NotEqual(arrivals.Times(1).First(), arrivals.Times(2).First());
    }

    [Fact]
    public void Constant_HasEqualGapsFromTheStart() =>
        Assert.Equal([0, 0.25, 0.5, 0.75], LoadTest.Arrivals.Constant(4, TimeSpan.FromSeconds(1)).Times(9).Select(time => time.TotalSeconds));

    [Theory]
    [InlineData(1, 8)]
    [InlineData(8, 1)]
    [InlineData(3, 3)]
    public void Ramp_MovesTheRateInAStraightLine(double from, double to)
    {
        var times = LoadTest.Arrivals.Ramp(from * 100, to * 100, TimeSpan.FromSeconds(100)).Times(5).Select(time => time.TotalSeconds).ToArray();
        Assert.Equal(times.Order(), times);
        for (var second = 5; second < 100; second += 10)
        {
            var expected = 10 * 100 * (from + (to - from) * second / 100);
            var counted = times.Count(time => time >= second - 5 && time < second + 5);
            Assert.InRange(counted, expected - 4 * Math.Sqrt(expected), expected + 4 * Math.Sqrt(expected));
        }
    }

    [Fact]
    public void Trace_IsReplayed()
    {
        var path = Write("# recorded\n0\n0.5\n\n0.5\n2.25\n");
        Assert.Equal([0, 0.5, 0.5, 2.25], LoadTest.Arrivals.Trace(path, null).Times(1).Select(time => time.TotalSeconds));
        Assert.Equal([0, 0.5, 0.5], LoadTest.Arrivals.Trace(path, TimeSpan.FromSeconds(1)).Times(1).Select(time => time.TotalSeconds));
    }

    [Theory]
    [InlineData("1\nx\n-2\n", "line 2", "line 3")]
    [InlineData("2\n1\n", "line 2", "ascend")]
    [InlineData("# nothing\n", "no arrivals", "no arrivals")]
    public void Trace_WithMistakes_NamesThemAll(string text, string first, string second)
    {
        var problem = Assert.Throws<LoadTestException>(() => LoadTest.Arrivals.Trace(Write(text), null)).Message;
        Assert.Contains(first, problem);
        Assert.Contains(second, problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e9)]
    public void Rates_MustBeAboveZero(double rate)
    {
        Assert.Contains("above 0", Assert.Throws<LoadTestException>(() => LoadTest.Arrivals.Poisson(rate, TimeSpan.FromSeconds(1))).Message);
        Assert.Contains("above 0", Assert.Throws<LoadTestException>(() => LoadTest.Arrivals.Constant(rate, TimeSpan.FromSeconds(1))).Message);
        Assert.Equal(2, Assert.Throws<LoadTestException>(() => LoadTest.Arrivals.Ramp(rate, rate, TimeSpan.FromSeconds(1))).Problems.Count);
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("2s", 2)]
    [InlineData("1.5m", 90)]
    [InlineData("1h", 3600)]
    public void Durations_AreRead(string text, double seconds)
    {
        Assert.True(Units.TryParseDuration(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1e3s")]
    [InlineData("25h")]
    public void Durations_ThatAreWrong_AreRefused(string text) => Assert.False(Units.TryParseDuration(text, out _));

    [Fact]
    public void Objectives_AreRead()
    {
        Assert.True(Slo.TryParse("2s@p95", out var slo));
        Assert.Equal(new(TimeSpan.FromSeconds(2), 0.95), slo);
        Assert.All(new[] { "2s", "2s@95", "@p95", "2s@p0", "2s@p100", "2s@p-1", "" }, text => Assert.False(Slo.TryParse(text, out _)));
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.txt");
        File.WriteAllText(path, text);
        return path;
    }
}
