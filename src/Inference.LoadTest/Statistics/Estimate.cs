namespace Inference.LoadTest;

/// <summary>A value and its 95 % confidence interval. A bound that the data cannot give is null.</summary>
public sealed record Estimate(double Value, double? Low, double? High);
