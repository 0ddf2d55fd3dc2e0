using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// TaylorSeer (Liu et al. 2025, arXiv:2503.06923) with diffusers' steps: after the warm-up, every N-th step counted from the one behind it is full, and
/// all are from <c>disable_after</c> on.
/// </summary>
internal static class TaylorSeer
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "taylorseer",
        Name = "TaylorSeer",
        Aliases = ["TaylorSeerCacheConfig"],
        Source = "Liu et al. 2025, arXiv:2503.06923; diffusers TaylorSeerCacheConfig",
        Options =
        [
            CacheOptions.Interval(5), CacheOptions.First(3), CacheOptions.Last(0), CacheOptions.Order(1), CacheOptions.Differences, CacheOptions.Modules, CacheOptions.DisableAfter,
        ],
    };

    private static CachePlan Plan(CacheRun run) => new("taylorseer", CacheOptions.Scope(run.Options), CacheOptions.Predictor(run.Options), Steps(run));

    /// <summary>The steps of a run with the options interval, first, last and disable_after.</summary>
    public static ImmutableArray<StepKind> Steps(CacheRun run)
    {
        var (interval, first, end) = (run.Options.Integer("interval"), run.Options.Integer("first"), run.Options.Number("disable_after"));
        return CacheOptions.Steps(run, StepKind.Skipped, step => step >= end || interval == 1 || (step > first && (step - first - 1) % interval == 0));
    }
}
