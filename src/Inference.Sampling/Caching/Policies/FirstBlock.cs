namespace Inference.Sampling;

/// <summary>
/// First-block cache (ParaAttention's first_block_cache; diffusers FirstBlockCacheConfig): every step computes the first block; while its residual has
/// changed by no more than the threshold since the last full step, relative to its mean size, the other blocks' residual is added instead of computing them.
/// Each row decides for itself.
/// </summary>
internal static class FirstBlock
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "first_block",
        Name = "first-block cache",
        Aliases = ["first-block", "fbcache", "FirstBlockCacheConfig"],
        Source = "ParaAttention (chengzeyi), first_block_cache; diffusers FirstBlockCacheConfig",
        Options =
        [
            CacheOptions.Threshold(0.05, "Relative change of the first block's residual up to which a step is skipped; 0 skips none."),
            CacheOptions.First(1), CacheOptions.Last(0), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var threshold = run.Options.Number("threshold");
        return new("first_block", FeatureScope.Probe(), CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Gated, _ => threshold == 0), new ResidualGate(threshold));
    }
}
