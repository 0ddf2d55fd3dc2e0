namespace Inference.Sampling;

/// <summary>Options of <see cref="OriginalDpmSinglestep"/>.</summary>
internal sealed record OriginalDpmOptions
{
    /// <summary>What is approximated: noise (DPM-Solver) or data (DPM-Solver++).</summary>
    public DpmForm Form { get; init; }

    /// <summary>Largest order used, 1 to 3.</summary>
    public int Order { get; init; } = 2;

    public DpmFormula Formula { get; init; }

    public SinglestepOrders Orders { get; init; }

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate() => Require.InRange("order", Order, 1, DpmSolverOptions.MaximumOrder);

    /// <exception cref="SamplingOptionException">The steps do not fill the order, or there is an end at which λ is infinite.</exception>
    public void ValidateFor(Trajectory trajectory)
    {
        var steps = trajectory.Steps.Length;
        Require.That(Orders == SinglestepOrders.Fast || steps % Order == 0, "steps",
            $"Steps of fixed order {Order} need a multiple of {Order} steps, not {steps}.");
        Require.That(trajectory.Steps[0].From.Alpha > 0 && !trajectory.Steps[^1].To.IsClean, "sampler",
            "Singlestep DPM-Solver integrates over the log signal-to-noise ratio: the schedule must start below pure noise and end above clean data (final_sigmas_type sigma_min).");
    }
}

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

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public OriginalDpmSinglestep(OriginalDpmOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        _options.ValidateFor(trajectory);
        var count = trajectory.Steps.Length;
        var orders = _options.Orders == SinglestepOrders.Fast ? SinglestepPlan.Fast(count, _options.Order) : SinglestepPlan.Fixed(count, _options.Order);
        using var model = new SinglestepEvaluations(denoiser, new(_options.Form, _options.Formula), x.Shape);

        var first = 0;
        for (var i = 0; i < orders.Length; i++)
        {
            var steps = trajectory.Steps.AsSpan(first, orders[i]);
            var t = steps[^1].To;
            var nodes = new SinglestepNodes(steps.Length, steps[0].From, steps.Length > 1 ? steps[1].From : default, steps.Length > 2 ? steps[2].From : default);

            await model.EvaluateAsync(x, nodes.InStepsFrom(first), cancellationToken);
            x.Set(model.Result(x, nodes, t));
            observer.OnState(i, orders[i] - 1, x, model.Clean);
            first += orders[i];
        }
    }
}
