using Inference.Sampling;

namespace Inference.Batching;

/// <summary>A window as wide as the device has rows nearly free at the moment: the budget of a parallel sampler on a lane.</summary>
/// <param name="lane">The lane.</param>
/// <param name="rows">Rows of one evaluation, ≥ 1.</param>
public sealed class LaneWindow(Lane lane, int rows) : IWindowBudget
{
    public int Ask(int wanted) => lane.FreeEvaluations(rows);
}
