namespace Inference.Sampling;

/// <summary>The orders of the steps of a singlestep DPM-Solver, an evaluation for each order, so that they add up to the evaluations asked for.</summary>
internal readonly record struct SinglestepPlan
{
    private readonly int _order;
    private readonly int _whole;
    private readonly int _next;
    private readonly int _last;

    private SinglestepPlan(int order, int whole, int next, int last) => (_order, _whole, _next, _last) = (order, whole, next, last);

    /// <summary>Number of steps.</summary>
    public int Length => _whole + (_next > 0 ? 1 : 0) + (_last > 0 ? 1 : 0);

    /// <summary>Order of a step.</summary>
    public int this[int step] => step < _whole ? _order : step == _whole ? _next : _last;

    /// <summary>DPM-Solver-fast (Lu et al. 2022, arXiv:2206.00927, section 3.4): steps of <paramref name="order"/>, then lower orders for the rest;
    /// for order 3 the last step is never of order 3.</summary>
    /// <param name="evaluations">Evaluations in all, ≥ 1.</param>
    /// <param name="order">1 to 3.</param>
    public static SinglestepPlan Fast(int evaluations, int order) => (order, evaluations % order) switch
    {
        (3, 0) => new(3, evaluations / 3 - 1, 2, 1),
        (_, var rest) => new(order, evaluations / order, rest, 0),
    };

    /// <summary>Steps of one order; evaluations that do not fill a step are left out.</summary>
    public static SinglestepPlan Fixed(int evaluations, int order) => new(order, evaluations / order, 0, 0);
}
