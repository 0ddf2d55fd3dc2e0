namespace Inference.Sampling;

/// <summary>HiCache (Feng et al. 2025, arXiv:2508.16984): TaylorSeer's steps with <see cref="HermitePredictor"/>.</summary>
internal static class HiCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "hicache",
        Name = "HiCache",
        Source = "Feng et al. 2025, arXiv:2508.16984",
        Options =
        [
            CacheOptions.Interval(5), CacheOptions.First(3), CacheOptions.Last(0), CacheOptions.Order(2),
            new("contraction", "Factor of the steps and of each order, 0.05 to 1.", HermitePredictor.PublishedContraction) { Minimum = 0.05, Maximum = 1 },
            CacheOptions.Modules, CacheOptions.DisableAfter,
        ],
    };

    private static CachePlan Plan(CacheRun run) => new(
        "hicache", CacheOptions.Scope(run.Options), new HermitePredictor(run.Options.Integer("order"), run.Options.Number("contraction")), TaylorSeer.Steps(run));
}
