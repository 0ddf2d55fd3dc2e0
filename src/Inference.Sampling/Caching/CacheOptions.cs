using System.Collections.Immutable;
using System.Globalization;

namespace Inference.Sampling;

/// <summary>Options that several cache policies have.</summary>
internal static class CacheOptions
{
    private const int MaxSteps = 1000;
    private const int MaxOrder = 4;

    public static SamplerOption Interval(double @default) => Count("interval", "Every so many steps one is full.", @default, 1, MaxSteps);

    public static SamplerOption First(double @default) => Count("first", "Steps at the start that are full (warm-up).", @default, 1, MaxSteps);

    public static SamplerOption Last(double @default) => Count("last", "Steps at the end that are full.", @default, 0, MaxSteps);

    public static SamplerOption DisableAfter { get; } =
        new("disable_after", "Step from which on all are full, from 0.", double.PositiveInfinity) { Minimum = 0 };

    public static SamplerOption Modules { get; } = new("modules", "What is predicted: every attention and feed-forward network, the attentions alone, or the network's output (lite).", "modules")
    {
        Allowed = ["modules", "attention", "lite"],
    };

    public static SamplerOption Order(double @default) => Count("order", "Order of the prediction; 0 reuses the last full step.", @default, 0, MaxOrder);

    public static SamplerOption Differences { get; } = new("differences", "Factors of the prediction: TaylorSeer's as published, true divided differences, or HiCache's contracted Hermite polynomials.", "published")
    {
        Allowed = ["published", "divided", "hermite"],
    };

    public static SamplerOption Threshold(double @default, string description) => new("threshold", description, @default) { Minimum = 0, Maximum = 100 };

    public static SamplerOption MaxSkip(double @default) => Count("max_skip", "Steps skipped in a row at most; 0 skips none.", @default, 0, MaxSteps);

    public static SamplerOption Share(string name, double @default, string description) => new(name, description, @default) { Minimum = 0, Maximum = 1 };

    public static FeatureScope Scope(SamplerOptionValues options) => options.Text("modules") switch
    {
        "attention" => FeatureScope.Attention,
        "lite" => FeatureScope.Output,
        _ => FeatureScope.Modules,
    };

    /// <summary>The predictor that <c>order</c>, or an option like it, and <c>differences</c> ask for.</summary>
    public static IPredictor Predictor(SamplerOptionValues options, string order = "order") => options.Integer(order) switch
    {
        0 => new ReusePredictor(),
        var highest => options.Text("differences") switch
        {
            "divided" => new DividedDifferencePredictor(highest),
            "hermite" => new HermitePredictor(highest, HermitePredictor.PublishedContraction),
            _ => new TaylorPredictor(highest),
        },
    };

    /// <summary>The steps of a run, full where the policy, the warm-up or the end says so. The first is full always: nothing is known before it.</summary>
    public static ImmutableArray<StepKind> Steps(CacheRun run, StepKind otherwise, Func<int, bool> isFull) =>
    [
        .. Enumerable.Range(0, run.Steps).Select(step =>
            step < run.Options.Integer("first") || step >= run.Steps - run.Options.Integer("last") || isFull(step) ? StepKind.Full : otherwise),
    ];

    /// <summary>The numbers of an option that is a list separated by commas.</summary>
    /// <exception cref="SamplingOptionException">There are none, or one is not what is allowed.</exception>
    public static double[] Numbers(SamplerOptionValues options, string name, string allowed, Func<double, bool> isAllowed, string missing)
    {
        var numbers = options.Text(name).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => double.TryParse(part, CultureInfo.InvariantCulture, out var number) && isAllowed(number)
                ? number
                : throw new SamplingOptionException(name, $"{name} must be {allowed}, not '{part}'.")).ToArray();
        Require.That(numbers.Length > 0, name, $"{name} is missing: {missing}");
        return numbers;
    }

    /// <summary>A value a step from a table calibrated at any number of steps, by nearest index.</summary>
    public static ImmutableArray<double> ByNearestIndex(double[] table, int steps) => steps == 1
        ? [table[^1]]
        : [.. Enumerable.Range(0, steps).Select(step => table[(int)Math.Round(step * (table.Length - 1.0) / (steps - 1), MidpointRounding.ToEven)])];

    private static SamplerOption Count(string name, string description, double @default, int minimum, int maximum) =>
        new(name, description, @default) { Minimum = minimum, Maximum = maximum, IsInteger = true };
}
