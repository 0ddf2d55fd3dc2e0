namespace Inference.Onnx;

/// <summary>Precisions by name, and what each may change.</summary>
public static class Precisions
{
    /// <summary>Names a configuration may use.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Precision>().Select(NameOf)];

    /// <summary>Name in configuration: <c>float32</c>, <c>float16</c>, <c>bfloat16</c>, <c>int8</c>.</summary>
    public static string NameOf(Precision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>The precision of a name, or null.</summary>
    public static Precision? Find(string name)
    {
        foreach (var precision in Enum.GetValues<Precision>())
            if (string.Equals(NameOf(precision), name, StringComparison.OrdinalIgnoreCase))
                return precision;
        return null;
    }

    /// <summary>Largest difference of the network's output from the exported network's on random rows, relative to its largest value, with which a model is
    /// served; models that differ by more are refused.</summary>
    public static double BoundOf(Precision precision) => precision switch
    {
        Precision.Float32 => 1e-4,
        Precision.Float16 => 2e-2,
        Precision.BFloat16 => 1e-1,
        _ => 5e-2,
    };
}
