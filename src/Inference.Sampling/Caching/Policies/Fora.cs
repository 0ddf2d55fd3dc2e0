namespace Inference.Sampling;

/// <summary>FORA (Selvaraju et al. 2024, arXiv:2407.01425, section 3): full where k mod N = 0, and at the last step; otherwise the outputs of attention and
/// feed-forward networks before their gates are reused, and today's gates applied to them.</summary>
internal static class Fora
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "fora",
        Name = "FORA",
        Source = "Selvaraju et al. 2024, arXiv:2407.01425",
        Options = [CacheOptions.Interval(3), CacheOptions.First(1), CacheOptions.Last(1), CacheOptions.Modules],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var interval = run.Options.Integer("interval");
        return new("fora", CacheOptions.Scope(run.Options), new ReusePredictor(), CacheOptions.Steps(run, StepKind.Skipped, step => step % interval == 0));
    }
}
