using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a parallel request is predicted to take, from what the plain one takes.</summary>
internal static class ParallelCost
{
    /// <summary>A width that was chosen costs its rows whoever else runs; one that follows the load costs them where nobody does, and the plain run otherwise.</summary>
    /// <param name="plain">The plain run.</param>
    /// <param name="plan">The method.</param>
    /// <param name="free">Evaluations that a request alone may have side by side.</param>
    public static PredictedCost Of(PredictedCost plain, ParallelPlan plan, int free) => plan.Width is { } width ? Wide(plain, plan, width)
        : plain.Pictures == 1 && free > 1 ? plain with { Alone = Wide(plain, plan, free) }
        : plain;

    private static PredictedCost Wide(PredictedCost plain, ParallelPlan plan, int width) => plain with
    {
        RowsPerPicture = plain.RowsPerPicture * width,
        Evaluations = (plan.PredictedEvaluations(width) + width - 1) / width,
    };
}
