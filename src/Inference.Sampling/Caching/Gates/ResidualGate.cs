namespace Inference.Sampling;

/// <summary>
/// First-block gate (ParaAttention first_block_cache): r is the residual of the first blocks, r* that of the last full step; a step is skipped while
/// mean|r - r*| / mean|r*| stays within the threshold, and no more than so many in a row.
/// </summary>
/// <param name="threshold">Largest relative change, ≥ 0.</param>
/// <param name="maxSkip">Steps skipped in a row at most.</param>
internal sealed class ResidualGate(double threshold, double maxSkip = double.PositiveInfinity) : IGate
{
    public GateSight Sight => GateSight.Probed;

    public int Tensors => 1;

    public IRowGate Begin(Memory<float> memory) => new Row(threshold, maxSkip, memory);

    private sealed class Row(double threshold, double maxSkip, Memory<float> last) : IRowGate
    {
        private int _skipped;

        public bool Look(ReadOnlySpan<float> seen, int step) => ++_skipped <= maxSkip && RelativeChange.Of(seen, last.Span) <= threshold;

        public void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step)
        {
            seen.CopyTo(last.Span);
            _skipped = 0;
        }
    }
}
