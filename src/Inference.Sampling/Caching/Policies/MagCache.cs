namespace Inference.Sampling;

/// <summary>
/// MagCache (Ma et al. 2025, arXiv:2506.09045, section 4; diffusers MagCacheConfig): the size of the residual of all blocks changes by a calibrated ratio γ a
/// step. While steps are skipped, m = Π γ and the error is Σ |1 - m|; a step is skipped while the error stays within the threshold and the run of skips
/// within <c>max_skip</c>. Which steps are full is known beforehand.
/// </summary>
internal static class MagCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "magcache",
        Name = "MagCache",
        Aliases = ["mag_cache", "MagCacheConfig"],
        Source = "Ma et al. 2025, arXiv:2506.09045; diffusers MagCacheConfig",
        Options =
        [
            CacheOptions.Threshold(0.06, "Accumulated error up to which steps are skipped; 0 skips none."),
            CacheOptions.MaxSkip(3), CacheOptions.Share("retention", 0.2, "Share of the steps at the start that are full."),
            new("ratios", "Calibrated ratios of the residual's size, one a step (others are taken by nearest index), separated by commas or as an array; 'inference calibrate' measures them. Needed.", ""),
            CacheOptions.First(1), CacheOptions.Last(0), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var ratios = CacheOptions.ByNearestIndex(
            CacheOptions.Numbers(run.Options, "ratios", "numbers above 0", ratio => ratio > 0 && double.IsFinite(ratio), "magcache needs the ratios calibrated for the model, numbers above 0."), run.Steps);
        var (threshold, longest) = (run.Options.Number("threshold"), run.Options.Integer("max_skip"));
        var retained = Math.Floor(run.Options.Number("retention") * run.Steps + 0.5);
        var (accumulated, skipped, error) = (1.0, 0, 0.0);
        return new("magcache", FeatureScope.Stack, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Skipped, IsFull));

        // Steps are asked for in order; those of the warm-up and the end are not.
        bool IsFull(int step)
        {
            if (step < retained)
                return true;
            accumulated *= ratios[step];
            skipped++;
            error += Math.Abs(1 - accumulated);
            if (threshold > 0 && error <= threshold && skipped <= longest)
                return false;
            (accumulated, skipped, error) = (1, 0, 0);
            return true;
        }
    }
}
