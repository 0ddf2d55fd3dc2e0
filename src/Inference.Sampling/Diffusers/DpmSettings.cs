using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Settings and rules that diffusers' DPM-Solver classes share.</summary>
internal static class DpmSettings
{
    public static ImmutableArray<Setting> Solver(int maximumOrder, params ReadOnlySpan<string> algorithms) =>
    [
        Setting.Integer("solver_order", 2, 1, maximumOrder),
        Setting.OneOf("algorithm_type", "dpmsolver++", algorithms) with { Replaced = ["deis"] },
        Setting.OneOf("solver_type", "midpoint", "midpoint", "heun") with { Replaced = ["logrho", "bh1", "bh2"] },
        TableSettings.FinalSigmas,
    ];

    /// <summary>Number of timesteps whose λ is not below <c>lambda_min_clipped</c>.</summary>
    public static int LastTimestep(SchedulerSettings settings, VariancePreservingSchedule schedule)
    {
        var limit = settings.Number("lambda_min_clipped");
        var below = 0;
        foreach (var logKappa in schedule.LogKappas)
            below += -logKappa < limit ? 1 : 0;
        return schedule.Count - below;
    }

    /// <summary>Where a run ends.</summary>
    /// <exception cref="SchedulerConfigException">The noise-prediction forms cannot end at clean data, where λ is infinite.</exception>
    public static FinalLevel Final(SchedulerSettings settings)
    {
        if (settings.Text("final_sigmas_type") == "sigma_min")
            return FinalLevel.TableMinimum;
        return settings.Text("algorithm_type") is not ("dpmsolver" or "sde-dpmsolver")
            ? FinalLevel.Zero
            : throw new SchedulerConfigException($"algorithm_type '{settings.Text("algorithm_type")}' needs final_sigmas_type 'sigma_min', not 'zero'.");
    }

    public static NoiseProcess Process(SchedulerSettings settings) =>
        settings.Flag("use_flow_sigmas") ? NoiseProcess.Flow : NoiseProcess.VariancePreserving;
}
