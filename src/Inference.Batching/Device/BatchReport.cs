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

/// <summary>One batch that was evaluated.</summary>
/// <param name="Network">Name of the network.</param>
/// <param name="Key">What its rows had in common.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="PaddingRows">Rows computed besides, because the device wants certain batch sizes.</param>
/// <param name="Lanes">Lanes whose rows they were.</param>
/// <param name="Labels">Different lane labels among them (samplers).</param>
/// <param name="Timesteps">Different timesteps among its rows.</param>
/// <param name="Reason">Why it went.</param>
/// <param name="Elapsed">Time on the device.</param>
/// <param name="Failed">Whether the evaluation failed and was bisected.</param>
public readonly record struct BatchReport(string Network, BatchKey Key, int Rows, int PaddingRows, int Lanes, int Labels, int Timesteps, FlushReason Reason, TimeSpan Elapsed, bool Failed);

/// <summary>Told of every batch; called on the device thread, so it must be quick.</summary>
public interface IBatchObserver
{
    void OnBatch(in BatchReport report);
}
