using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The function B(h) that UniPC's weights are written with.</summary>
internal enum UniPcVariant
{
    /// <summary>B(h) = h.</summary>
    Bh1,

    /// <summary>B(h) = e^h - 1.</summary>
    Bh2,
}

/// <summary>Options of <see cref="UniPc"/>.</summary>
internal sealed record UniPcOptions
{
    /// <summary>Order of the predictor, 1 to <see cref="UniPc.MaximumOrder"/>; the corrector has one more.</summary>
    public required int Order { get; init; }

    public UniPcVariant Variant { get; init; } = UniPcVariant.Bh2;

    /// <summary>Predicted data or predicted noise.</summary>
    public DpmForm Form { get; init; }

    /// <summary>Whether a step's order is at most the number of steps left.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <summary>Steps, from 0, whose result is not corrected.</summary>
    public ImmutableArray<int> Uncorrected { get; init; } = [];
}

/// <summary>
/// UniPC (Zhao et al. 2023, arXiv:2302.04867, Algorithms 1 and 2; diffusers, <c>UniPCMultistepScheduler</c>): a multistep predictor, and a corrector
/// that uses the next evaluation, which is at the predicted state, so that correcting costs no evaluation. The last state is not corrected.
/// </summary>
internal sealed class UniPc : ISampler
{
    public const int MaximumOrder = 6;

    private readonly UniPcOptions _options;

    /// <exception cref="SamplingOptionException">The order is out of range.</exception>
    public UniPc(UniPcOptions options)
    {
        Require.InRange("solver_order", options.Order, 1, MaximumOrder);
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var last = Latent.Rent(x.Shape);
        // One more place than history is used: the corrector needs the new evaluation beside all the old ones.
        using var history = new EvaluationHistory(_options.Order + 1, x.Shape);
        var order = 0;

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            history.Slot.Set(_options.Form == DpmForm.Data ? clean : (x - s.Alpha * clean) / s.Sigma);
            if (i > 0 && !DpmCoefficients.IsEmpty(trajectory.Steps[i - 1].From, s) && !_options.Uncorrected.Contains(trajectory.Skipped + i - 1))
                x.Set(Update(last, trajectory.Steps[i - 1].From, s, history, order, history.Slot));
            history.Push(s);

            order = OrderAt(i, trajectory, history.Count);
            last.Set(x);
            if (!DpmCoefficients.IsEmpty(s, t))
                x.Set(Update(last, s, t, history, order, next: null));
            observer.OnState(i, 0, x, clean);
        }
    }

    private int OrderAt(int i, Trajectory trajectory, int known)
    {
        if (trajectory.Steps[i].To.IsClean)
            return 1;
        var order = Math.Min(_options.Order, known);
        return _options.LowerOrderFinal ? Math.Min(order, trajectory.Remaining(i)) : order;
    }

    // Predictor, or with the evaluation at t as next the corrector (eq. 3 and 8).
    private Combination Update(Latent x, NoiseLevel s, NoiseLevel t, EvaluationHistory history, int order, Latent? next)
    {
        var h = t.Lambda - s.Lambda;
        var isData = _options.Form == DpmForm.Data;
        var z = isData ? -h : h;
        var growth = Math.Exp(z) - 1;
        var scale = isData ? t.Alpha : t.Sigma;
        var sum = (isData ? t.Sigma / s.Sigma : t.Alpha / s.Alpha) * x - scale * growth * (Combination)history[0];
        if (order == 1 && next is null)
            return sum;

        Span<double> nodes = stackalloc double[order];
        for (var m = 1; m < order; m++)
            nodes[m - 1] = (history.Levels[m].Lambda - s.Lambda) / h;
        nodes[order - 1] = 1;
        var b = _options.Variant == UniPcVariant.Bh1 ? z : growth;
        Span<double> weights = stackalloc double[order];
        UniPcWeights.Solve(nodes[..(next is null ? order - 1 : order)], z, b, weights);

        for (var m = 1; m < order; m++)
            sum -= scale * b * weights[m - 1] / nodes[m - 1] * (history[m] - history[0]);
        return next is null ? sum : sum - scale * b * weights[order - 1] * (next - history[0]);
    }
}
