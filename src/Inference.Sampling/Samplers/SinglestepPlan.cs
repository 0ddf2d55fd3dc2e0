using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The orders of the steps of a singlestep DPM-Solver, an evaluation for each order, so that they add up to the evaluations asked for.</summary>
internal static class SinglestepPlan
{
    /// <summary>DPM-Solver-fast (Lu et al. 2022, arXiv:2206.00927, section 3.4): steps of <paramref name="order"/>, then lower orders for the rest;
    /// for order 3 the last step is never of order 3.</summary>
    /// <param name="evaluations">Evaluations in all, ≥ 1.</param>
    /// <param name="order">1 to 3.</param>
    public static ImmutableArray<int> Fast(int evaluations, int order) => (order, evaluations % order) switch
    {
        (3, 0) => [.. Enumerable.Repeat(3, evaluations / 3 - 1), 2, 1],
        (_, 0) => [.. Enumerable.Repeat(order, evaluations / order)],
        (_, var rest) => [.. Enumerable.Repeat(order, evaluations / order), rest],
    };

    /// <summary>Steps of one order; evaluations that do not fill a step are left out.</summary>
    public static ImmutableArray<int> Fixed(int evaluations, int order) => [.. Enumerable.Repeat(order, evaluations / order)];
}
