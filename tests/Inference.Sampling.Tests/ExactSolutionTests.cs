using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The reference solution that order tests measure against agrees with the stored exact solutions, for every process and start.</summary>
public sealed class ExactSolutionTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<string> Ids => [.. ExactProblems.Ids];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Probability_flow_is_exact(string id)
    {
        var @case = ExactProblems.Case(id);
        var mixture = ExactProblems.Mixture(@case);
        var (levels, states) = Grid(@case);
        // The stored state is scale·(variance-preserving state) in the scaling of its level.
        var x = ExactProblems.Noise(@case);
        var start = id.Contains("vpk") || @case["model"]!.GetValue<string>() == "k"
            ? x.Select(value => value * levels[0].Kappa / (id.Contains("vpk") ? Scale(new(1, levels[0].Kappa)) : Scale(levels[0]))).ToArray()
            : x.Select(value => value / Scale(levels[0])).ToArray();

        for (var i = 0; i < levels.Count; i++)
        {
            var solved = ProbabilityFlow.Solve(mixture, start, Angle(levels[0]), Angle(levels[i]));
            for (var d = 0; d < solved.Length; d++)
                Assert.Equal(states[i][d], Scale(levels[i]) * solved[d], Tolerance * Math.Max(1, Math.Abs(states[i][d])));
        }
    }

    private static (List<NoiseLevel> Levels, List<double[]> States) Grid(JsonNode @case)
    {
        (string grid, string states, Func<double, NoiseLevel> level) = @case["model"]!.GetValue<string>() switch
        {
            "vp" => ("t_grid", "x_vp_at_grid", t => Orders.Schedule.Level(ExactProblems.Kappa((int)t))),
            "flow" => ("s_grid", "x_at_grid", s => new NoiseLevel(1 - s, s)),
            _ => ("sigma_grid", "y_at_grid", (Func<double, NoiseLevel>)(sigma => new NoiseLevel(1, sigma))),
        };
        List<NoiseLevel> levels = [.. ExactProblems.Numbers(@case[grid]!).Select(level)];
        List<double[]> values = [.. @case[states]!.AsArray().Select(state => ExactProblems.Numbers(state!))];
        if (@case["x_at_sigma_zero"] is { } clean)
        {
            levels.Add(new(1, 0));
            values.Add(ExactProblems.Numbers(clean));
        }
        Assert.Equal(levels.Count, values.Count);
        return (levels, values);
    }

    private static double Scale(NoiseLevel level) => Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma);

    private static double Angle(NoiseLevel level) => Math.Atan2(level.Sigma, level.Alpha);
}
