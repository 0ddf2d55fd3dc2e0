using System.Runtime.InteropServices;
using System.Text.Json;

namespace Inference.TestKit;

/// <summary>A tensor of a golden file: <c>shape</c> and base64 of little-endian float32.</summary>
public sealed record GoldenTensor(int[] Shape, float[] Values)
{
    public static GoldenTensor Read(JsonElement json) => new(
        [.. json.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32())],
        MemoryMarshal.Cast<byte, float>(json.GetProperty("f32").GetBytesFromBase64()).ToArray());

    /// <summary>Largest |difference| divided by the standard deviation of these values.</summary>
    public double RelativeError(ReadOnlySpan<float> actual)
    {
        if (actual.Length != Values.Length)
            return double.PositiveInfinity;
        var mean = Values.Average(value => (double)value);
        var deviation = Math.Sqrt(Values.Average(value => (value - mean) * (value - mean)));
        var worst = 0.0;
        for (var i = 0; i < actual.Length; i++)
            worst = Math.Max(worst, float.IsNaN(actual[i]) ? double.PositiveInfinity : Math.Abs((double)actual[i] - Values[i]));
        return worst / deviation;
    }
}
