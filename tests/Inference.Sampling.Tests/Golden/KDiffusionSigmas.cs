using System.Text.Json;

namespace Inference.Sampling.Tests;

/// <summary>k-diffusion's sigma constructors by name.</summary>
internal static class KDiffusionSigmas
{
    /// <summary>n sigmas, descending, and a final 0.</summary>
    public static double[] Of(string kind, JsonElement arguments, int n)
    {
        var (largest, smallest) = (Number("sigma_max", double.NaN), Number("sigma_min", double.NaN));
        var sigmas = kind switch
        {
            "karras" => SigmaRamps.Karras(largest, smallest, n, Number("rho", 7)),
            "exponential" => SigmaRamps.Exponential(largest, smallest, n),
            "polyexponential" => SigmaRamps.PolyExponential(largest, smallest, n, Number("rho", 1)),
            "vp" => SigmaRamps.VariancePreserving(n, Number("beta_d", 19.9), Number("beta_min", 0.1), Number("eps_s", 1e-3)),
            _ => throw new NotSupportedException($"Unknown schedule '{kind}'."),
        };
        return [.. sigmas, 0];

        double Number(string name, double otherwise) => arguments.TryGetProperty(name, out var value) ? value.GetDouble() : otherwise;
    }
}

/// <summary>schedules.json, <c>kdiffusion_sigmas</c>: the constructors alone.</summary>
[Trait("Category", "Golden")]
public sealed class KDiffusionSigmasGoldenTests
{
    private const double Relative = 1e-12;

    private static JsonElement[] Stored => [.. GoldenFiles.Read("schedules.json").GetProperty("kdiffusion_sigmas").EnumerateArray()];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Stored.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sigmas_match_the_reference(int index)
    {
        var @case = Stored[index];
        var expected = GoldenFiles.Numbers(@case.GetProperty("f64").GetProperty("sigmas"));
        var actual = KDiffusionSigmas.Of(@case.GetProperty("schedule").GetString()!, @case.GetProperty("args"), @case.GetProperty("n").GetInt32());
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(actual[i] - expected[i]) <= Relative * expected[i], $"sigma {i} is {actual[i]:r}, not {expected[i]:r}");
    }
}
