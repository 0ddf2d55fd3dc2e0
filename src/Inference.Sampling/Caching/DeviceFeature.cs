namespace Inference.Sampling;

/// <summary>Memory of the device a network runs on, for features that never leave it. Safe for any thread.</summary>
public interface IDeviceFeatureMemory
{
    /// <summary>A block of values; they are those of whoever had it before. Disposing it gives it back.</summary>
    /// <param name="values">Its length, ≥ 1.</param>
    /// <remarks>Fails as an evaluation does where there is no room for it.</remarks>
    IDisposable Rent(int values);
}

/// <summary>A feature that the device keeps: some tensors of one size, one after the other, and what the feature of this step is of them.</summary>
/// <param name="Block">The memory, rented from the <see cref="IDeviceFeatureMemory"/> of the network.</param>
/// <param name="Weights">One for each tensor of the block: the feature is their weighted sum.</param>
/// <param name="Slot">The tensor that a feature of this step becomes; null: every one, so that none is undefined.</param>
public readonly record struct DeviceFeature(IDisposable Block, ReadOnlyMemory<float> Weights, int? Slot);
