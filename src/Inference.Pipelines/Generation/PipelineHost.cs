using Inference.Batching;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>What all pipelines of a process share: how sessions are opened, the thread of the small graphs, batching, clock.</summary>
/// <param name="sessions">Opens graphs.</param>
/// <param name="batching">How rows are gathered into batches.</param>
/// <param name="time">The clock.</param>
/// <param name="batches">Told of every batch, or null.</param>
/// <param name="costs">How evaluation costs are learnt and kept; null measures them anew and keeps nothing.</param>
public sealed class PipelineHost(
    SessionFactory sessions, StepBatcherOptions batching, TimeProvider time, IBatchObserver? batches = null, CostOptions? costs = null) : IDisposable
{
    public SessionFactory Sessions { get; } = sessions;

    /// <summary>Runs text encoders and autoencoders.</summary>
    public EvaluationThread Components { get; } = new("components");

    public StepBatcherOptions Batching { get; } = batching;

    public TimeProvider Time { get; } = time;

    public IBatchObserver? Batches { get; } = batches;

    /// <summary>Measured costs of the models.</summary>
    internal ModelCosts Costs { get; } = new(sessions, costs ?? new());

    public void Dispose() => Components.Dispose();
}
