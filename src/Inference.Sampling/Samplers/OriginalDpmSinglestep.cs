using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>How evaluations are divided into singlestep steps.</summary>
internal enum SinglestepOrders
{
    /// <summary>Steps of the order asked for, then lower orders for the remaining evaluations (DPM-Solver-fast).</summary>
    Fast,

    /// <summary>Steps of one order; the number of steps of the trajectory must be a multiple of it.</summary>
    Fixed,
}

/// <summary>
/// Singlestep DPM-Solver and DPM-Solver++ of orders 1 to 3 as in the authors' code (Lu et al. 2022, arXiv:2206.00927, Algorithms 1, 2 and 5 and
/// section 3.4; arXiv:2211.01095, Algorithm 1). A step of order k spans k steps of the trajectory, whose levels are its nodes: one evaluation
/// for each step of the trajectory.
/// </summary>
internal sealed class OriginalDpmSinglestep : ISampler
{
    private readonly OriginalDpmOptions _options;
    private readonly SinglestepOrders _orders;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public OriginalDpmSinglestep(OriginalDpmOptions options, SinglestepOrders orders)
    {
        options.Validate();
        (_options, _orders) = (options, orders);
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        _options.ValidateFor(trajectory);
        var orders = Plan(trajectory.Steps.Length);
        using var model = new SinglestepEvaluations(denoiser, new(_options.Form, _options.Correction), x.Shape);

        var first = 0;
        for (var i = 0; i < orders.Length; i++)
        {
            var steps = trajectory.Steps.AsSpan(first, orders[i]);
            var t = steps[^1].To;
            var nodes = new SinglestepNodes(steps.Length, steps[0].From, steps.Length > 1 ? steps[1].From : default, steps.Length > 2 ? steps[2].From : default);

            await model.EvaluateAsync(x, nodes, i, cancellationToken);
            x.Set(model.Result(x, nodes, t));
            observer.OnState(i, orders[i] - 1, x, model.Clean);
            first += orders[i];
        }
    }

    private ImmutableArray<int> Plan(int evaluations)
    {
        if (_orders == SinglestepOrders.Fast)
            return SinglestepPlan.Fast(evaluations, _options.Order);
        Require.That(evaluations % _options.Order == 0, "steps",
            $"Steps of fixed order {_options.Order} need a multiple of {_options.Order} steps, not {evaluations}.");
        return SinglestepPlan.Fixed(evaluations, _options.Order);
    }
}
