namespace Inference.Sampling;

/// <summary>A request's choice of a parallel method.</summary>
/// <param name="Method">Id or alias.</param>
/// <param name="Options">Options by name: double (or int), string or bool.</param>
public sealed record ParallelRequest(string Method, IReadOnlyDictionary<string, object> Options);

/// <summary>How one run takes its steps side by side. Immutable, shared by a request's pictures.</summary>
public sealed class ParallelPlan
{
    private readonly IParallelMethod _method;
    private readonly SamplingPlan _sampling;

    internal ParallelPlan(ParallelMethodDescriptor method, SamplingPlan sampling, SamplerOptionValues options, int? width)
    {
        (Method, _sampling, Width) = (method, sampling, width);
        _method = method.Create(new(options, sampling.Trajectory));
        if (method.KeepsStates)
            (KeepsStates, WarmStart) = (options.Flag("keep"), options.Text("warm_start") is { Length: > 0 } run ? run : null);
    }

    /// <summary>The method.</summary>
    public ParallelMethodDescriptor Method { get; }

    /// <summary>Evaluations side by side that the request chose; null: they follow the load.</summary>
    public int? Width { get; }

    /// <summary>Whether the states of the run are kept.</summary>
    public bool KeepsStates { get; }

    /// <summary>Name of the run it starts from; null: none.</summary>
    public string? WarmStart { get; }

    /// <summary>Evaluations that a run is predicted to take.</summary>
    /// <param name="width">Evaluations side by side, ≥ 1.</param>
    public int PredictedEvaluations(int width) => width == 1 ? _sampling.Trajectory.Steps.Length : Method.Evaluations(_sampling.Trajectory.Steps.Length, width);

    /// <summary>Integrates from the start of the context's trajectory to its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the context's latent holds an intermediate state.</exception>
    public async ValueTask<ParallelUse> SampleAsync(ParallelContext context, CancellationToken cancellationToken)
    {
        var clipped = _sampling.Clipping is { } clipping
            ? context with { Denoiser = new ClippingDenoiser(context.Denoiser, clipping), Consistency = context.Consistency is { } second ? new ClippingDenoiser(second, clipping) : null }
            : context;
        using var run = new ParallelRun(clipped, (ISingleStep)_sampling.Unclipped);
        await _method.SampleAsync(run, cancellationToken);
        return run.Use(Method.Id);
    }
}
