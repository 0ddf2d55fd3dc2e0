namespace Inference.Sampling;

/// <summary>
/// ZEUS-like extrapolation of the network's output (arXiv:2604.01552): within a window of the run every <c>interval</c>-th step is full; the others are
/// <see cref="AlternatingPredictor"/>'s. The late Lagrange phase of the paper, which its own figures show to cost quality, is left out.
/// </summary>
internal static class Zeus
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "zeus",
        Name = "ZEUS-like extrapolation",
        Source = "arXiv:2604.01552; Ting-Justin-Jiang/ZEUS",
        Options =
        [
            new("interval", "Within the window, every so many steps one is full; 1 skips none.", 3.0) { Minimum = 1, Maximum = 5, IsInteger = true },
            CacheOptions.Share("start", 0.2, "Share of the steps at the start that are full."), CacheOptions.Share("end", 0.9, "Share of the steps behind which all are full."),
            CacheOptions.First(2), CacheOptions.Last(0),
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var (interval, start, end) = (run.Options.Integer("interval"), run.Options.Number("start") * run.Steps, run.Options.Number("end") * run.Steps);
        return new("zeus", FeatureScope.Output, new AlternatingPredictor(), CacheOptions.Steps(run, StepKind.Skipped, step => step < start || step >= end || step % interval == 0));
    }
}
