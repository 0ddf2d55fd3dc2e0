using System.Text.Json;

namespace Inference.Sampling.Tests;

/// <summary>The normal tensors of a case. Samplers number their draws by step, the files list those the reference drew.</summary>
/// <param name="tensors">The stored tensors.</param>
/// <param name="draws">Number of the draw of each of them.</param>
internal sealed class StoredNoise(float[][] tensors, int[] draws) : INoise
{
    /// <summary>The noise of one batch item of a diffusers case: draw i+1 in step i, but with churn only in the steps whose σ is in its range.</summary>
    public static StoredNoise Of(GoldenCase @case, int item)
    {
        var tensors = @case.Get("step_noise") is { } stored
            ? stored.EnumerateArray().Select(tensor => Array.ConvertAll(GoldenCase.Item(tensor, item), value => (float)value)).ToArray()
            : [];
        var steps = Enumerable.Range(0, int.MaxValue);
        if (@case.Get("step_kwargs") is { } arguments && arguments.TryGetProperty("s_churn", out _))
        {
            var sigmas = GoldenFiles.Numbers(@case.Element.GetProperty("f64").GetProperty("sigmas"));
            var (low, high) = (Bound(arguments, "s_tmin", 0), Bound(arguments, "s_tmax", double.PositiveInfinity));
            steps = Enumerable.Range(0, sigmas.Length - 1).Where(i => sigmas[i] >= low && sigmas[i] <= high);
        }
        return new(tensors, [.. steps.Take(tensors.Length).Select(i => i + 1)]);
    }

    public void Fill(int draw, Latent destination)
    {
        var index = Array.IndexOf(draws, draw);
        Assert.True(index >= 0, $"The reference draws nothing for draw {draw}.");
        tensors[index].CopyTo(destination.Values);
    }

    private static double Bound(JsonElement arguments, string name, double otherwise) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? GoldenFiles.Number(value) : otherwise;
}
