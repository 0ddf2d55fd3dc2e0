namespace Inference.Batching;

/// <summary>Why a batch was sent to the device.</summary>
public enum FlushReason
{
    /// <summary>Every open lane was waiting.</summary>
    AllWaiting,

    /// <summary>The row cap was reached.</summary>
    Full,

    /// <summary>The guard time ran out.</summary>
    Guard,
}

/// <summary>Told of every batch; called on the device thread, so it must be quick.</summary>
public interface IBatchObserver
{
    void OnBatch(in BatchKey key, int rows, FlushReason reason, TimeSpan elapsed);
}
