namespace Inference.Sampling;

/// <summary>
/// EasyCache (Zhou et al. 2025, arXiv:2507.02860; stable-diffusion.cpp's easycache): between the last two full steps the output changed k times as much as
/// the input. A step adds k·mean|x - x'| / mean|out| to the error; it is skipped while the error is below the threshold, and its output is x plus what
/// the last full step's output had more than its input. x' is the last full step's input, as in stable-diffusion.cpp, where a run of skips counts the
/// same change several times, or the last step's, as in the paper.
/// </summary>
internal static class EasyCache
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "easycache",
        Name = "EasyCache",
        Aliases = ["easy_cache", "ucache"],
        Source = "Zhou et al. 2025, arXiv:2507.02860; stable-diffusion.cpp easycache",
        Options =
        [
            CacheOptions.Threshold(0.2, "Accumulated relative change of the output below which steps are skipped; 0 skips none."),
            CacheOptions.Share("start", 0.15, "Share of the steps at the start that are full."), CacheOptions.Share("end", 0.95, "Share of the steps behind which all are full."),
            new("since", "What the input's change is counted from: the last full step, or the step before.", "full") { Allowed = ["full", "step"] },
            CacheOptions.First(1), CacheOptions.Last(0),
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var (threshold, start, end) = (run.Options.Number("threshold"), run.Options.Number("start") * run.Steps, run.Options.Number("end") * run.Steps);
        return new(
            "easycache", FeatureScope.OutputChange, new ReusePredictor(), CacheOptions.Steps(run, StepKind.Gated, step => threshold == 0 || step < start || step >= end),
            new Gate(threshold, run.Options.Text("since") == "step"));
    }

    private sealed class Gate(double threshold, bool sinceStep) : IGate
    {
        public GateSight Sight => GateSight.Input;

        public int History => 2;

        public int Tensors => sinceStep ? 3 : 2;

        public IRowGate Begin(Memory<float> memory) => new Row(threshold, sinceStep, memory, memory.Length / Tensors);
    }

    // Memory: input and output of the last full step, input of the last step.
    private sealed class Row(double threshold, bool sinceStep, Memory<float> memory, int length) : IRowGate
    {
        private int _full;
        private double _rate = double.PositiveInfinity;
        private double _outputSize;
        private double _error;

        public bool Look(ReadOnlySpan<float> seen, int step)
        {
            if (_full > 0)
                _error += _rate * RelativeChange.Sums(seen, Tensor(sinceStep ? 2 : 0)).Change / _outputSize;
            if (sinceStep)
                seen.CopyTo(Tensor(2));
            return _error < threshold;
        }

        public void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step)
        {
            if (_full++ > 0)
                _rate = RelativeChange.Sums(output, Tensor(1)).Change / RelativeChange.Sums(seen, Tensor(0)).Change;
            seen.CopyTo(Tensor(0));
            output.CopyTo(Tensor(1));
            _outputSize = RelativeChange.Sums(output, output).Size;
            _error = 0;
        }

        private Span<float> Tensor(int index) => memory.Span.Slice(index * length, length);
    }
}
