using System.Buffers;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Tokens of 2 × 2 latent values, [h/2·w/2, 4·C], feature index (channel, row in the patch, column in the patch) (FLUX).</summary>
public sealed class PackedLayout : ILatentLayout
{
    private const int Patch = 2;

    /// <summary>Packs a latent into tokens, both of the same length.</summary>
    public static void Pack(Latent latent, Span<float> tokens)
    {
        var (channels, height, width) = latent.Shape;
        var values = latent.Values;
        for (var (c, i) = (0, 0); c < channels; c++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++, i++)
                    tokens[IndexOf(channels, width, c, y, x)] = values[i];
    }

    long[] ILatentLayout.Row(LatentShape shape, int channels) => [shape.Height / Patch * (shape.Width / Patch), Patch * Patch * channels];

    void ILatentLayout.Write(BoundRun run, string input, int row, Latent latent)
    {
        var tokens = ArrayPool<float>.Shared.Rent(latent.Shape.Length);
        var used = tokens.AsSpan(0, latent.Shape.Length);
        Pack(latent, used);
        run.Write(input, row * used.Length, used);
        ArrayPool<float>.Shared.Return(tokens);
    }

    void ILatentLayout.Read(BoundRun run, string output, int row, int channels, Latent latent)
    {
        var length = channels * latent.Shape.Height * latent.Shape.Width;
        var tokens = ArrayPool<float>.Shared.Rent(length);
        run.Read(output, row * length, tokens.AsSpan(0, length));
        var values = latent.Values;
        for (var (c, i) = (0, 0); c < latent.Shape.Channels; c++)
            for (var y = 0; y < latent.Shape.Height; y++)
                for (var x = 0; x < latent.Shape.Width; x++, i++)
                    values[i] = tokens[IndexOf(channels, latent.Shape.Width, c, y, x)];
        ArrayPool<float>.Shared.Return(tokens);
    }

    private static int IndexOf(int channels, int width, int c, int y, int x) =>
        (y / Patch * (width / Patch) + x / Patch) * (Patch * Patch * channels) + c * Patch * Patch + y % Patch * Patch + x % Patch;
}
