namespace Inference.Sampling;

/// <summary>
/// A schedule of full evaluations (cache-dit's static step masks), such as the one that dynamic programming over measured errors gives
/// (<see cref="StepSchedule"/>). Between them the residual of all blocks, the network's output, or its modules are predicted.
/// </summary>
internal static class FixedSteps
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "fixed_steps",
        Name = "fixed steps",
        Aliases = ["static_mask", "steps_mask"],
        Source = "vipshop/cache-dit, static step masks; schedule as in MCG-NJU/DDT, sharing_sampling",
        Options =
        [
            new("full", "The steps that are full, from 0, separated by commas or as an array; the first step is in any case. Needed.", ""),
            new("features", "What is predicted on the others: the residual of all blocks (stack), the network's output (lite), every attention and feed-forward network (modules).", "stack") { Allowed = ["stack", "lite", "modules"] },
            CacheOptions.Order(0), CacheOptions.Differences, CacheOptions.First(1), CacheOptions.Last(0),
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var full = CacheOptions.Numbers(run.Options, "full", $"steps of the run, from 0 to {run.Steps - 1}", step => step >= 0 && step < run.Steps && step == Math.Floor(step), "fixed_steps needs the steps that are full.").ToHashSet();
        var scope = run.Options.Text("features") switch
        {
            "lite" => FeatureScope.Output,
            "modules" => FeatureScope.Modules,
            _ => FeatureScope.Stack,
        };
        return new("fixed_steps", scope, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Skipped, step => full.Contains(step)));
    }
}
