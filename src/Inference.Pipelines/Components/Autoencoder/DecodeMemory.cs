using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Working memory of a decode, estimated from the size of its latent: the widest layers of the published decoders hold 128 to 256 float32 channels at
/// full resolution, twice at once, which is about 128 KiB for each latent position of a factor-8 autoencoder.
/// </summary>
internal static class DecodeMemory
{
    private const long BytesPerPosition = 128 << 10;

    /// <summary>Whether so many latents of a shape decode within a number of bytes.</summary>
    public static bool Fits(LatentShape shape, int count, long bytes) => BytesPerPosition * shape.Height * shape.Width * count <= bytes;
}
