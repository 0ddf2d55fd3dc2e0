using Inference.Batching;
using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>A network for tests of the scheduler alone: nothing ever evaluates it.</summary>
public static class SimulatedNetwork
{
    private static readonly StepBatcher Batcher = new("simulated", new(), TimeProvider.System);

    public static BatchNetwork New(string name = "simulated", IRowRoom? room = null) => Batcher.Attach(name, new Nothing(), room);

    private sealed class Nothing : IBatchEvaluator
    {
        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows) => throw new InvalidOperationException("A simulated network is not evaluated.");

        public void Dispose()
        {
        }
    }
}
