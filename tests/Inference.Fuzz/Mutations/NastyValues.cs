using System.Globalization;

namespace Inference.Fuzz;

/// <summary>JSON values that parsers, validators and arithmetic get wrong, as text: not all of it is JSON.</summary>
internal static class NastyValues
{
    private static readonly string[] Fixed =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "2", "3", "0.5", "1e308", "-1e308", "1e309", "1e-400", "NaN", "Infinity", "2147483647", "2147483648", "-2147483649",
        "9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "0x10", "01", "1.", ".5", "1e", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\uffff\"", "\"a\\nb\"", "\"<|endoftext|>\"", "\"%s%n\"", "\"../../etc/passwd\"", "\"http://127.0.0.1:1/\"", "\"auto\"", "\"32x32\"", "\"0x0\"", "\"-1x-1\"", "\"99999999999x1\"",
        "\"33x31\"", "\"euler\"", "\"ddim\"", "\"dpmpp-2m\"", "\"karras\"", "\"png\"", "\"webp\"", "\"jpeg\"", "\"dit\"", "\"sd15\"", "\"gpu\"", "\"batch\"", "\"trailing\"", "[]", "{}", "[1]", "[null]",
        "[[]]", "{\"a\":1}", "{\"eta\":1}", "{\"eta\":1e400}", "{\"a\":{\"b\":{\"c\":{}}}}", "[3,2,1]", "[1,1]", "[1e300,1e-300]", "[14.6,3,0.03]", "[999,500,1]", "'a'", "undefined", "", "\"", "\"unterminated",
        "//", "/* */1", "1,2", "\u00e9", "\ufeff1",
    ];

    /// <summary>A value that the field might take, so that some requests get past the reader.</summary>
    public static string Plausible(Random random, Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => Fixed[random.Next(Array.IndexOf(Fixed, "\"auto\""), Array.IndexOf(Fixed, "[]"))],
        var t when t == typeof(bool) => random.Next(2) == 0 ? "true" : "false",
        var t when t == typeof(int) || t == typeof(long) => random.Next(0, 8).ToString(CultureInfo.InvariantCulture),
        var t when t == typeof(double) => (random.Next(0, 40) / 8.0).ToString(CultureInfo.InvariantCulture),
        var t when t == typeof(double[]) => $"[{random.Next(5, 15)},{random.Next(1, 5)},{random.NextDouble().ToString(CultureInfo.InvariantCulture)}]",
        _ => "{\"eta\":0.5}",
    };

    public static string Pick(Random random) => random.Next(12) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        1 => (random.NextDouble() * Math.Pow(10, random.Next(-10, 10))).ToString("R", CultureInfo.InvariantCulture),
        2 => random.Next(-2, 12).ToString(CultureInfo.InvariantCulture),
        3 => $"\"{new string((char)random.Next(0x20, 0x7e), random.Next(1, 1200)).Replace("\\", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}\"",
        4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 40)).Select(i => (40 - i) * random.NextDouble()))}]",
        5 => string.Concat(Enumerable.Repeat("[", random.Next(1, 40))) + "1" + string.Concat(Enumerable.Repeat("]", random.Next(1, 40))),
        _ => Fixed[random.Next(Fixed.Length)],
    };
}
