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
}
