namespace Inference.Sampling;

/// <summary>Shape of one latent without its batch dimension: channels × height × width, row-major.</summary>
public readonly record struct LatentShape(int Channels, int Height, int Width)
{
    /// <summary>Number of values in one latent.</summary>
    public int Length => Channels * Height * Width;

    public override string ToString() => $"{Channels}x{Height}x{Width}";
}
