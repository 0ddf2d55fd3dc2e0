using System.Collections.Immutable;
using System.Globalization;

namespace Inference.Sampling;

internal enum SettingKind
{
    Number,
    Integer,
    Flag,
    Name,
    Numbers,
}

/// <summary>One setting of a diffusers scheduler class: its type, its default in that class and what is allowed.</summary>
/// <param name="Name">Name in <c>scheduler_config.json</c>.</param>
/// <param name="Kind">Type of the value.</param>
/// <param name="Default">double, bool, string, double[] or null; null means that null is allowed.</param>
internal sealed record Setting(string Name, SettingKind Kind, object? Default)
{
    public double Minimum { get; init; } = double.NegativeInfinity;

    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>The names allowed, for names.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>Names of other classes' variants that diffusers replaces by the default when a configuration is carried over.</summary>
    public ImmutableArray<string> Replaced { get; init; } = [];

    /// <summary>Whether only the default is supported.</summary>
    public bool IsFixed { get; init; }

    public static Setting Number(string name, double? value, double minimum = double.NegativeInfinity, double maximum = double.PositiveInfinity) =>
        new(name, SettingKind.Number, value) { Minimum = minimum, Maximum = maximum };

    public static Setting Integer(string name, int? value, int minimum, int maximum) =>
        new(name, SettingKind.Integer, value is { } number ? (double)number : null) { Minimum = minimum, Maximum = maximum };

    public static Setting Flag(string name, bool value) => new(name, SettingKind.Flag, value);

    public static Setting OneOf(string name, string value, params ReadOnlySpan<string> allowed) =>
        new(name, SettingKind.Name, value) { Allowed = [.. allowed] };

    public static Setting Numbers(string name, double[]? value) => new(name, SettingKind.Numbers, value);

    /// <summary>A setting of which only the default is supported.</summary>
    public static Setting Only(string name, SettingKind kind, object? value) => new(name, kind, value) { IsFixed = true };

    /// <summary>What is wrong with a value, or null.</summary>
    public string? Problem(object? value)
    {
        if (IsFixed)
            return Equals(value, Default) ? null : $"only {Text(Default)} is supported, not {Text(value)}";
        return value switch
        {
            null => Default is null ? null : $"must be {Expected()}, not null",
            double number when Kind is SettingKind.Number or SettingKind.Integer =>
                number >= Minimum && number <= Maximum && (Kind == SettingKind.Number || number == Math.Floor(number)) ? null : $"must be {Expected()}, not {Text(value)}",
            bool when Kind == SettingKind.Flag => null,
            string name when Kind == SettingKind.Name => Allowed.Contains(name) || Replaced.Contains(name) ? null : $"must be {Expected()}, not '{name}'",
            double[] when Kind == SettingKind.Numbers => null,
            _ => $"must be {Expected()}, not {Text(value)}",
        };
    }

    private string Expected() => Kind switch
    {
        SettingKind.Flag => "true or false",
        SettingKind.Name => "one of " + string.Join(", ", Allowed),
        SettingKind.Numbers => "a list of numbers",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(Kind == SettingKind.Integer ? "an integer" : "a number")}{Range()}"),
    };

    private string Range() => double.IsInfinity(Minimum) && double.IsInfinity(Maximum)
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" between {Minimum} and {Maximum}");

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double[] numbers => $"a list of {numbers.Length} numbers",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
