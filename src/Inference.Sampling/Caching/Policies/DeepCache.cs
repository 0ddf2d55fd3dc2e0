namespace Inference.Sampling;

/// <summary>
/// DeepCache (Ma et al. 2023, arXiv:2312.00858, section 3.3): every <c>interval</c>-th step computes the whole U-Net and keeps what comes up from below at
/// one of its skip connections; the others compute the part outside it alone.
/// </summary>
internal static class DeepCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "deepcache",
        Name = "DeepCache",
        Aliases = ["deep_cache"],
        Source = "Ma et al. 2023, arXiv:2312.00858; horseee/DeepCache",
        Options =
        [
            CacheOptions.Interval(3),
            new("branch", "The skip connection, from 0, the outermost; the further in, the more is computed on skipped steps.", 0.0) { Minimum = 0, Maximum = 1000, IsInteger = true },
            CacheOptions.First(1), CacheOptions.Last(0), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var interval = run.Options.Integer("interval");
        return new(
            "deepcache", FeatureScope.Deep(run.Options.Integer("branch") + 1), CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Skipped, step => step % interval == 0));
    }
}
