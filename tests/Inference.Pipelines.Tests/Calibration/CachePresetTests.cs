using System.Collections.Immutable;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Pipelines.Tests;

public sealed class CachePresetTests
{
    private static readonly ModelCalibration Calibrated = new(
        new()
        {
            Model = "m",
            Runs =
            [
                new() { Steps = 20, Sampler = "s", GuidanceScale = 4, Pictures = 8, Presets = [Preset("high", null), Preset("balanced", "magcache", ("threshold", 0.1)), Preset("fast", "zeus", ("interval", 5), ("modules", "lite"))] },
                new() { Steps = 50, Sampler = "s", GuidanceScale = 4, Pictures = 8, Ratios = [1, 0.9], Presets = [Preset("high", "easycache")] },
            ],
        },
        null);

    [Theory]
    [InlineData("exact", 30, null)]
    // Below every number of steps that was measured, and where nothing reached the target: the plain run.
    [InlineData("fast", 19, null)]
    [InlineData("high", 20, null)]
    // In between, the next with fewer steps.
    [InlineData("balanced", 20, "magcache")]
    [InlineData("fast", 49, "zeus")]
    [InlineData("high", 50, "easycache")]
    [InlineData("high", 200, "easycache")]
    public void Presets_HoldForTheirNumberOfSteps_AndMore(string name, int steps, string? policy) => Assert.Equal(policy, CachePreset.Resolve(name, steps, "model", Calibrated)?.Policy);

    [Fact]
    public void Options_HaveTheirTypes()
    {
        var options = CachePreset.Resolve("fast", 20, "model", Calibrated)!.Options;
        Assert.Equal((5.0, "lite"), (options["interval"], options["modules"]));
    }

    [Fact]
    public void Faults_NameWhatIsAllowed()
    {
        Assert.Contains("one of exact, high, balanced, fast, not 'best'", Assert.Throws<SamplingOptionException>(() => CachePreset.Resolve("best", 20, "model", Calibrated)).Message);
        Assert.Contains("it was not calibrated", Assert.Throws<SamplingOptionException>(() => CachePreset.Resolve("fast", 20, "model", ModelCalibration.None)).Message);
        Assert.Contains("made for others", Assert.Throws<SamplingOptionException>(() => CachePreset.Resolve("fast", 20, "model", new(null, "made for others"))).Message);
    }

    [Fact]
    public void Tables_FillInWhatARequestLeavesOut_AndNothingElse()
    {
        var run = Calibrated.Value!.Nearest(48);
        Assert.Equal("1,0.9", run.Complete(new("MagCacheConfig", new Dictionary<string, object>()), 48).Options["ratios"]);
        Assert.Equal("2", run.Complete(new("magcache", new Dictionary<string, object> { ["ratios"] = "2" }), 48).Options["ratios"]);
        Assert.Empty(run.Complete(new("teacache", new Dictionary<string, object>()), 48).Options);
        Assert.Empty(run.Complete(new("no-such", new Dictionary<string, object>()), 48).Options);
    }

    [Fact]
    public void Polynomial_IsTheOneThroughThePoints()
    {
        var points = Enumerable.Range(1, 40).Select(i => (X: i / 400.0, Y: 3 * Math.Pow(i / 400.0, 2) - 0.5 * i / 400 + 0.25)).ToArray();
        Assert.Equal([3, -0.5, 0.25], PolynomialFit.Of(points, 2).Select(coefficient => Math.Round(coefficient, 3)));
        // Points that do not determine it give one through them all the same.
        var fitted = PolynomialFit.Of([(0.1, 2), (0.1, 2)], 4);
        Assert.Equal(2, fitted.Aggregate((value, coefficient) => value * 0.1 + coefficient), 3);
    }

    private static CalibratedPreset Preset(string name, string? policy, params (string Name, object Value)[] options) =>
        new(name, 30, policy, options.ToImmutableSortedDictionary(option => option.Name, option => JsonSerializer.SerializeToElement(option.Value)), 35, 0.5, 0.5);
}
