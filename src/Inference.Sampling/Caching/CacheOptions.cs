using System.Collections.Immutable;

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

    public static SamplerOption Differences { get; } = new("differences", "Factors of the prediction: as published, or true divided differences.", "published")
    {
        Allowed = ["published", "divided"],
    };

    public static SamplerOption Threshold(double @default, string description) => new("threshold", description, @default) { Minimum = 0, Maximum = 100 };

    public static FeatureScope Scope(SamplerOptionValues options) => options.Text("modules") switch
    {
        "attention" => FeatureScope.Attention,
        "lite" => FeatureScope.Output,
        _ => FeatureScope.Modules,
    };

    /// <summary>The predictor that <c>order</c> and <c>differences</c> ask for.</summary>
    public static IPredictor Predictor(SamplerOptionValues options) => options.Integer("order") switch
    {
        0 => new ReusePredictor(),
        var order when options.Text("differences") == "divided" => new DividedDifferencePredictor(order),
        var order => new TaylorPredictor(order),
    };

    /// <summary>The steps of a run, full where the policy, the warm-up or the end says so. The first is full always: nothing is known before it.</summary>
    public static ImmutableArray<StepKind> Steps(CacheRun run, StepKind otherwise, Func<int, bool> isFull) =>
    [
        .. Enumerable.Range(0, run.Steps).Select(step =>
            step < run.Options.Integer("first") || step >= run.Steps - run.Options.Integer("last") || isFull(step) ? StepKind.Full : otherwise),
    ];

    private static SamplerOption Count(string name, string description, double @default, int minimum, int maximum) =>
        new(name, description, @default) { Minimum = minimum, Maximum = maximum, IsInteger = true };
}
