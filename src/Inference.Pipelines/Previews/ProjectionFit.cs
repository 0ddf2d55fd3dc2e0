using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Gathers what a <see cref="LatentProjection"/> is fitted to: random latents with the unit variance that scaled latents have, smooth at several
/// scales as those of pictures are, and what the autoencoder makes of them. The same on every start.
/// </summary>
internal static class ProjectionFit
{
    private const int Samples = 4;
    private const int LargestSide = 32;
    private const ulong Seed = 1;

    // Sides of the squares, in latent values, that share a value; the sum of one field a scale.
    private static readonly int[] _scales = [1, 2, 4, 8];

    /// <exception cref="GenerationFailedException">The autoencoder returned values that are not finite.</exception>
    public static async Task<LatentProjection> RunAsync(VaeDecoder decoder, LatentShape usual)
    {
        // Colours do not depend on the size of the picture: where the graph takes any, a small one is enough.
        var shape = decoder.IsFixedSize ? usual : usual with { Height = Math.Min(usual.Height, LargestSide), Width = Math.Min(usual.Width, LargestSide) };
        var noise = new TorchCpuNoise(Seed);
        var latents = new float[Samples][];
        var pictures = new float[Samples][];
        for (var sample = 0; sample < Samples; sample++)
        {
            latents[sample] = Field(noise, sample, shape);
            pictures[sample] = await decoder.DecodeAsync(latents[sample], shape, CancellationToken.None);
        }
        return LatentProjection.Fit(latents, shape, pictures, decoder.Factor);
    }

    internal static float[] Field(INoise noise, int sample, LatentShape shape)
    {
        using var draw = Latent.Rent(shape);
        var field = new float[shape.Length];
        for (var scale = 0; scale < _scales.Length; scale++)
        {
            noise.Fill(sample * _scales.Length + scale, draw);
            var side = _scales[scale];
            for (var c = 0; c < shape.Channels; c++)
                for (var y = 0; y < shape.Height; y++)
                    for (var x = 0; x < shape.Width; x++)
                        field[(c * shape.Height + y) * shape.Width + x] +=
                            draw.Values[(c * shape.Height + y / side * side) * shape.Width + x / side * side] / MathF.Sqrt(_scales.Length);
        }
        return field;
    }
}
