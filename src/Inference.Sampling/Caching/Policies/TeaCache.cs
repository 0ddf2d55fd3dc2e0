namespace Inference.Sampling;

/// <summary>
/// TeaCache (Liu et al. 2024, arXiv:2411.19108, eqs. 6 to 8): m is what the first attention reads, normalized and modulated. Each step adds
/// P(mean|m - m'| / mean|m'|) to a sum, m' being the step before's and P a polynomial fitted to the model; steps are skipped while the sum is below the
/// threshold, and the residual of all blocks is that of the last full step. Where the polynomial is negative, outside what it was fitted to, it adds nothing.
/// </summary>
internal static class TeaCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "teacache",
        Name = "TeaCache",
        Aliases = ["tea_cache"],
        Source = "Liu et al. 2024, arXiv:2411.19108; ali-vilab/TeaCache",
        Options =
        [
            CacheOptions.Threshold(0.2, "Sum of the rescaled changes below which steps are skipped; 0 skips none."),
            new("polynomial", "Coefficients of the rescaling polynomial from the highest power to the constant, separated by commas or as an array; 'inference calibrate' fits them. Needed.", ""),
            CacheOptions.First(1), CacheOptions.Last(1), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var polynomial = CacheOptions.Numbers(run.Options, "polynomial", "finite numbers", double.IsFinite, "teacache needs the coefficients fitted to the model, from the highest power to the constant.");
        Require.That(polynomial.Length <= 8, "polynomial", $"polynomial must have at most 8 coefficients, not {polynomial.Length}.");
        var threshold = run.Options.Number("threshold");
        return new("teacache", FeatureScope.ModulatedStack, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Gated, _ => threshold == 0), new Gate(threshold, polynomial));
    }

    private sealed class Gate(double threshold, double[] polynomial) : IGate
    {
        public GateSight Sight => GateSight.Probed;

        public int Tensors => 1;

        public IRowGate Begin(Memory<float> memory) => new Row(threshold, polynomial, memory);
    }

    private sealed class Row(double threshold, double[] polynomial, Memory<float> before) : IRowGate
    {
        private bool _hasBefore;
        private double _sum;

        public bool Look(ReadOnlySpan<float> seen, int step)
        {
            if (_hasBefore)
                _sum += Math.Max(0, Rescaled(RelativeChange.Of(seen, before.Span)));
            seen.CopyTo(before.Span);
            _hasBefore = true;
            return _sum < threshold;
        }

        public void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step) => _sum = 0;

        private double Rescaled(double change)
        {
            var value = 0.0;
            foreach (var coefficient in polynomial)
                value = value * change + coefficient;
            return value;
        }
    }
}
