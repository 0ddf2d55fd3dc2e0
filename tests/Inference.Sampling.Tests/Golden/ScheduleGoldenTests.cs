using System.Text.Json;

namespace Inference.Sampling.Tests;

/// <summary>schedules.json and vp_tables.json: timesteps, sigmas, start scales and tables without any sampling.</summary>
[Trait("Category", "Golden")]
public sealed class ScheduleGoldenTests
{
    private static readonly Lazy<JsonElement> _schedules = new(() => GoldenFiles.Read("schedules.json"));

    public static TheoryData<string> Schedules => [.. _schedules.Value.GetProperty("cases").EnumerateArray().Select(@case => @case.GetProperty("id").GetString()!)];

    public static TheoryData<string> Tables => [.. GoldenFiles.Read("vp_tables.json").GetProperty("tables").EnumerateObject().Select(table => table.Name)];

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Levels_match_the_reference(string id)
    {
        var @case = _schedules.Value.GetProperty("cases").EnumerateArray().First(@case => @case.GetProperty("id").GetString() == id);
        var plan = DiffusersCase.PlanLevels(@case);
        var expected = @case.GetProperty("f64");

        DiffusersCase.CompareTimesteps(GoldenFiles.Numbers(expected.GetProperty("timesteps")), [.. Calls(plan)]);
        if (expected.TryGetProperty("init_noise_sigma", out var scale))
            Close(GoldenFiles.Number(scale), plan.Trajectory.InitialScale);
        if (expected.TryGetProperty("sigmas", out var sigmas))
            CompareSigmas(plan, GoldenFiles.Numbers(sigmas));
        if (expected.TryGetProperty("order_list", out var orders))
        {
            var (order, steps) = (plan.Sampler.Id[^2] - '0', plan.Trajectory.Steps.Length);
            Assert.Equal(
                GoldenFiles.Numbers(orders).Select(expectedOrder => (int)expectedOrder),
                Enumerable.Range(0, steps).Select(i => DpmSolverSinglestep.OrderOf(i, order, steps, Flag(@case, "lower_order_final"), plan.Trajectory.Steps[^1].To.IsClean)));
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Table_matches_the_reference(string name)
    {
        var table = GoldenFiles.Read("vp_tables.json").GetProperty("tables").GetProperty(name);
        // Timesteps 0..999 one by one: their levels are the table.
        var className = name == "sd_zsnr24" ? "EulerDiscreteScheduler" : "DDPMScheduler";
        var plan = new SamplingPlanner(SchedulerConfig.Create(className, DiffusersCase.AtAnyLevel(table.GetProperty("config"))))
            .Plan(new() { Timesteps = [.. Enumerable.Range(0, 1000).Select(t => 999.0 - t)] });
        var alphas = GoldenFiles.Numbers(table.GetProperty("f64").GetProperty("alphas_cumprod"));
        for (var t = 0; t < alphas.Length; t++)
        {
            var level = plan.Trajectory.Steps[999 - t].From;
            Assert.Equal(t, level.Timestep);
            Close(alphas[t], level.Alpha * level.Alpha / (level.Alpha * level.Alpha + level.Sigma * level.Sigma));
        }
    }

    // The network calls by the trajectory: two-stage samplers call it at the next level, or between, too.
    private static IEnumerable<double> Calls(SamplingPlan plan)
    {
        foreach (var (from, to) in plan.Trajectory.Steps)
        {
            yield return from.Timestep;
            if (plan.Sampler.EvaluationsPerStep == 2 && !to.IsClean)
                yield return plan.Sampler.Id == "heun" ? to.Timestep : plan.Trajectory.LevelAt(Math.Sqrt(from.Kappa * to.Kappa)).Timestep;
        }
    }

    private static void CompareSigmas(SamplingPlan plan, double[] expected)
    {
        var isFlow = plan.Prediction == Predictions.Flow;
        var actual = plan.Trajectory.Steps.Select(step => step.From).Append(plan.Trajectory.Steps[^1].To).Select(level => isFlow ? level.Sigma : level.Kappa).ToArray();
        // Two-stage classes list inner levels twice; log_linear appends a 0 that is never reached.
        var listed = plan.Sampler.EvaluationsPerStep == 2 ? [.. expected.Distinct()] : expected[..actual.Length];
        Assert.Equal(listed.Length, actual.Length);
        for (var i = 0; i < listed.Length; i++)
            Close(listed[i], actual[i]);
    }

    private static bool Flag(JsonElement @case, string name) => @case.GetProperty("config").TryGetProperty(name, out var value) && value.GetBoolean();

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-11 * Math.Max(1e-3, Math.Abs(expected)), $"{actual:r} is not {expected:r}");
}
