namespace Inference.Sampling;

/// <summary>How wide a parallel sampler's next group may be. Asked before every iteration, so that the width follows the load.</summary>
public interface IWindowBudget
{
    /// <summary>Evaluations that the next group may have, from 1.</summary>
    /// <param name="wanted">Evaluations that would be of use, ≥ 1; the answer may be larger.</param>
    int Ask(int wanted);
}

/// <summary>A width that the request chose.</summary>
/// <param name="width">Evaluations a group, ≥ 1.</param>
public sealed class FixedWindow(int width) : IWindowBudget
{
    public int Ask(int wanted) => width;
}
