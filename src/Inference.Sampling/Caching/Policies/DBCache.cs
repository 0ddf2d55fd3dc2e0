namespace Inference.Sampling;

/// <summary>
/// DBCache (vipshop/cache-dit): the first-block cache with any number of probing blocks at the front, whose residual decides, and of blocks at the end that
/// are computed on every step; the residual of the blocks between is that of the last full step, or is predicted.
/// </summary>
internal static class DBCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "dbcache",
        Name = "DBCache",
        Aliases = ["dual_block", "DBCacheConfig"],
        Source = "vipshop/cache-dit, DBCache",
        Options =
        [
            new("blocks", "Blocks at the front that are always computed and decide.", 2.0) { Minimum = 1, Maximum = 1000, IsInteger = true },
            new("tail_blocks", "Blocks at the end that are always computed.", 0.0) { Minimum = 0, Maximum = 1000, IsInteger = true },
            CacheOptions.Threshold(0.08, "Relative change of the probing blocks' residual up to which a step is skipped; 0 skips none."),
            CacheOptions.MaxSkip(1000), CacheOptions.First(4), CacheOptions.Last(0), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var (threshold, longest) = (run.Options.Number("threshold"), run.Options.Integer("max_skip"));
        return new(
            "dbcache", FeatureScope.Probe(run.Options.Integer("blocks"), run.Options.Integer("tail_blocks")), CacheOptions.Predictor(run.Options),
            CacheOptions.Steps(run, StepKind.Gated, _ => threshold == 0 || longest == 0), new ResidualGate(threshold, longest));
    }
}
