using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Where the noise of the pictures of a request comes from.</summary>
internal interface INoiseRule
{
    /// <summary>Seed that is reported for a picture.</summary>
    long SeedOf(long seed, int picture);

    /// <summary>Noise of one picture.</summary>
    /// <param name="source">Which generator.</param>
    /// <param name="seed">Seed of the request.</param>
    /// <param name="picture">Index of the picture.</param>
    /// <param name="pictures">Pictures of the request.</param>
    /// <param name="isGuided">Whether each step evaluates two rows a picture.</param>
    INoise For(NoiseSource source, long seed, int picture, int pictures, bool isGuided);
}

internal static class NoiseRules
{
    /// <summary>Picture i has a generator of its own with seed + i.</summary>
    public static INoiseRule SeedPerPicture { get; } = new PerPicture();

    /// <summary>One generator for all pictures, drawn as one tensor (diffusers, <c>DiTPipeline</c>, which also steps the guided batch as a whole).</summary>
    public static INoiseRule SeedPerBatch { get; } = new PerBatch();

    private static INoise Of(NoiseSource source, long seed) => source == NoiseSource.Gpu ? new PhiloxNoise((ulong)seed) : new TorchCpuNoise((ulong)seed);

    private sealed class PerPicture : INoiseRule
    {
        public long SeedOf(long seed, int picture) => seed + picture;

        public INoise For(NoiseSource source, long seed, int picture, int pictures, bool isGuided) => Of(source, seed + picture);
    }

    private sealed class PerBatch : INoiseRule
    {
        public long SeedOf(long seed, int picture) => seed;

        public INoise For(NoiseSource source, long seed, int picture, int pictures, bool isGuided) => new Slice(Of(source, seed), picture, pictures, isGuided ? 2 * pictures : pictures);
    }

    // A tensor of n latents, each a multiple of torch's block of 16 values, is the same numbers as n tensors of one.
    private sealed class Slice(INoise all, int picture, int pictures, int rows) : INoise
    {
        public void Fill(int draw, Latent destination) => all.Fill(draw == 0 ? picture : pictures + (draw - 1) * rows + picture, destination);
    }
}

/// <summary>Noise from draw number <paramref name="first"/> on, for samplers that start when some draws were used already.</summary>
internal sealed class LaterNoise(INoise noise, int first) : INoise
{
    public void Fill(int draw, Latent destination) => noise.Fill(first + draw, destination);
}
