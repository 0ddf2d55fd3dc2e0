namespace Inference.Sampling;

/// <summary>
/// Guidance-delta reuse: every <c>interval</c>-th step evaluates both sides of guidance and keeps Δ = cond - uncond; the others evaluate the side with the
/// prompt alone, and the other side is cond - Δ. Needs guidance.
/// </summary>
internal static class GuidanceDelta
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "guidance_delta",
        Name = "guidance-delta reuse",
        Aliases = ["cfg_delta", "cfg-delta"],
        Source = "Lv et al. 2024 (FasterCache), arXiv:2410.19355, section 3.3, without its frequency weights",
        Options = [CacheOptions.Interval(2), CacheOptions.First(2), CacheOptions.Last(1), CacheOptions.Order(0), CacheOptions.Differences],
    };

    private static CachePlan Plan(CacheRun run)
    {
        Require.That(run.IsGuided, "guidance_scale", "the request is not guided, so there is nothing it could skip; it needs guidance_scale other than 1 and a model that evaluates two sides.");
        var interval = run.Options.Integer("interval");
        return new("guidance_delta", FeatureScope.GuidanceDelta, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Skipped, step => step % interval == 0));
    }
}
