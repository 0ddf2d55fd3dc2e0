namespace Inference.Sampling;

/// <summary>
/// SpeCa-like speculative caching (Liu et al. 2025, arXiv:2509.11628): TaylorSeer drafts a step, but its last block is computed, and compared with the
/// draft: Σ|draft - computed| / Σ|computed| over its branches. Above base·decay^progress, progress being the share of the run done, the next step is full.
/// Unlike the published code the step goes on with the last block as computed, which costs nothing more.
/// </summary>
internal static class SpeCa
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "speca",
        Name = "SpeCa",
        Source = "Liu et al. 2025, arXiv:2509.11628",
        Options =
        [
            CacheOptions.Threshold(0.1, "Relative error of the last block's draft up to which the next step is skipped, at the start of the run; 0 skips none."),
            new("decay", "Factor of the threshold over the whole run.", 0.1) { Minimum = 0, Maximum = 1 },
            CacheOptions.MaxSkip(6), CacheOptions.Order(1), CacheOptions.Differences, CacheOptions.First(3), CacheOptions.Last(1),
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var (threshold, longest) = (run.Options.Number("threshold"), run.Options.Integer("max_skip"));
        return new(
            "speca", FeatureScope.Verified, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Gated, _ => threshold == 0 || longest == 0),
            new Gate(threshold, run.Options.Number("decay"), longest, run.Steps));
    }

    private sealed class Gate(double threshold, double decay, int longest, int steps) : IGate
    {
        // It looks back at what was verified, at nothing of the step.
        public GateSight Sight => GateSight.Input;

        public int Tensors => 0;

        public IRowGate Begin(Memory<float> memory) => new Row(step => threshold * Math.Pow(decay, (double)step / steps), longest);
    }

    private sealed class Row(Func<int, double> thresholdAt, int longest) : IRowGate
    {
        private bool _isRejected;
        private int _skipped;

        public bool Look(ReadOnlySpan<float> seen, int step) => !_isRejected && _skipped < longest;

        public void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step) => (_isRejected, _skipped) = (false, 0);

        public void Verify(double change, int step)
        {
            _isRejected = change > thresholdAt(step);
            _skipped++;
        }
    }
}
