using Inference.Batching;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>What all pipelines of a process share: how sessions are opened, the thread of the small graphs, batching, clock.</summary>
public sealed class PipelineHost(SessionFactory sessions, StepBatcherOptions batching, TimeProvider time, IBatchObserver? batches = null) : IDisposable
{
    public SessionFactory Sessions { get; } = sessions;

    /// <summary>Runs text encoders and autoencoders.</summary>
    public EvaluationThread Components { get; } = new("components");

    public StepBatcherOptions Batching { get; } = batching;

    public TimeProvider Time { get; } = time;

    public IBatchObserver? Batches { get; } = batches;

    public void Dispose() => Components.Dispose();
}
