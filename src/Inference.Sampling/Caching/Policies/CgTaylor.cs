namespace Inference.Sampling;

/// <summary>
/// CG-Taylor ("Forecasting When to Forecast"; liuxiao-guan/CG-Taylor-DiT): every step computes the first block and forecasts its output x̂ from the full
/// steps before; while mean|x̂ - x| / mean|x| is below the threshold, the output of the last block is forecast too instead of computing the others. The
/// forecasts are renewed by full steps alone. Each row decides for itself.
/// </summary>
internal static class CgTaylor
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "cg_taylor",
        Name = "CG-Taylor",
        Aliases = ["cg-taylor", "forecasting_when_to_forecast"],
        Source = "\"Forecasting When to Forecast\"; liuxiao-guan/CG-Taylor-DiT",
        Options =
        [
            CacheOptions.Threshold(0.02, "Relative error of the first block's forecast below which a step is skipped; 0 skips none."),
            CacheOptions.Order(1), CacheOptions.Differences,
            new("probe_order", "Order of the first block's forecast.", 1.0) { Minimum = 0, Maximum = 4, IsInteger = true },
            CacheOptions.First(3), CacheOptions.Last(1),
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var threshold = run.Options.Number("threshold");
        return new(
            "cg_taylor", FeatureScope.Forecast(), CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Gated, _ => threshold == 0),
            new Gate(threshold, CacheOptions.Predictor(run.Options, "probe_order")));
    }

    private sealed class Gate(double threshold, IPredictor predictor) : IGate
    {
        public GateSight Sight => GateSight.Stream;

        public int History => predictor.Factors;

        // Behind the forecast's factors: the forecast.
        public int Tensors => predictor.Factors + 1;

        public IRowGate Begin(Memory<float> memory) => new Row(threshold, predictor, memory);
    }

    private sealed class Row(double threshold, IPredictor predictor, Memory<float> memory) : IRowGate
    {
        private readonly StepHistory _history = new(predictor.Factors);

        public bool Look(ReadOnlySpan<float> seen, int step)
        {
            if (_history.Count == 0)
                return false;
            var forecast = memory.Span[^seen.Length..];
            predictor.Predict(memory.Span[..^seen.Length], _history, step, forecast);
            return RelativeChange.Of(forecast, seen) < threshold;
        }

        public void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step)
        {
            predictor.Renew(memory.Span[..^seen.Length], seen, _history, step);
            _history.Add(step);
        }
    }
}
