using System.Globalization;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>One option of a sampler or cache policy; the type of the default is the type of the option. Bounds that are not finite, and such a default, are null.</summary>
public sealed record SamplerOptionEntry(string Name, string Description, JsonElement? Default, double? Minimum, double? Maximum, bool Integer, IReadOnlyList<string>? Allowed)
{
    /// <summary>The registry's option.</summary>
    public static SamplerOptionEntry Of(SamplerOption option) => new(
        option.Name, option.Description, Element(option.Default), Finite(option.Minimum), Finite(option.Maximum), option.IsInteger, option.Allowed.IsEmpty ? null : option.Allowed);

    private static JsonElement? Element(object value) => value switch
    {
        double number when !double.IsFinite(number) => null,
        double number => JsonElement.Parse(number.ToString("R", CultureInfo.InvariantCulture)),
        bool flag => JsonElement.Parse(flag ? "true" : "false"),
        _ => JsonElement.Parse($"\"{JsonEncodedText.Encode((string)value)}\""),
    };

    private static double? Finite(double bound) => double.IsFinite(bound) ? bound : null;
}
