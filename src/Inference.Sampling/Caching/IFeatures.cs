namespace Inference.Sampling;

/// <summary>
/// Values inside the network that a row takes along or brings back, numbered as its <see cref="NetworkVariant"/> says. Called
/// while the row is evaluated, for different indices at the same time; a failed batch may be evaluated again, so receiving twice must be the same as once.
/// </summary>
public interface IFeatures
{
    /// <summary>Writes a value the variant takes.</summary>
    void Provide(NetworkVariant variant, int index, Span<float> values);

    /// <summary>Reads a value the variant gives.</summary>
    void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values);

    /// <summary>Number of a value the variant takes, which no other values of this process have: who still holds them need not ask again. 0 where they are
    /// new at every step.</summary>
    long VersionOf(NetworkVariant variant, int index) => 0;

    /// <summary>What a value the variant takes is made of where the device keeps it, which takes the place of <see cref="Provide"/>; null where the host does.</summary>
    DeviceFeature? TakenFrom(NetworkVariant variant, int index) => null;

    /// <summary>Where a value the variant gives goes where the device keeps it, which takes the place of <see cref="Receive"/>; null where the host does.</summary>
    DeviceFeature? GivenTo(NetworkVariant variant, int index) => null;
}
