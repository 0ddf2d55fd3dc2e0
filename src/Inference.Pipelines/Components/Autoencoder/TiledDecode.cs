using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Decodes large latents in overlapping tiles whose common borders are blended linearly (diffusers, <c>AutoencoderKL.tiled_decode</c>), so that
/// memory depends on the tile and not on the picture.
/// </summary>
internal static class TiledDecode
{
    /// <summary>Side of a tile, in latent values.</summary>
    public const int Tile = 128;

    private const double Overlap = 0.25;

    // A picture of 1536 x 1536 with a factor-8 autoencoder is still decoded whole.
    private const int LargestWhole = 192 * 192;

    /// <summary>Whether a latent is decoded in tiles.</summary>
    public static bool IsNeeded(LatentShape shape) => shape.Height * shape.Width > LargestWhole;

    /// <summary>Decodes by tiles.</summary>
    /// <param name="input">The latent.</param>
    /// <param name="factor">Pixels a latent value stands for.</param>
    /// <param name="decode">Decodes one tile.</param>
    /// <param name="tile">Side of a tile, in latent values.</param>
    public static float[] Decode(VaeInput input, int factor, Func<IReadOnlyList<VaeInput>, float[][]> decode, int tile = Tile)
    {
        var (_, height, width) = input.Shape;
        var stride = (int)(tile * (1 - Overlap));
        var blend = (int)(tile * factor * Overlap);
        var (pictureHeight, pictureWidth) = (height * factor, width * factor);
        var picture = new float[3 * pictureHeight * pictureWidth];
        var above = new Dictionary<int, Plane>();
        for (var top = 0; top < height; top += stride)
        {
            Plane? left = null;
            for (var column = 0; column < width; column += stride)
            {
                var part = Cut(input, top, column, tile);
                var pixels = new Plane(decode([part])[0], part.Shape.Height * factor, part.Shape.Width * factor);
                // The upper and the left neighbour as they were blended themselves, in this order.
                if (above.TryGetValue(column, out var upper))
                    pixels.BlendDown(upper, blend);
                if (left is { } neighbour)
                    pixels.BlendRight(neighbour, blend);
                pixels.CopyTo(picture, pictureHeight, pictureWidth, top * factor, column * factor, stride * factor);
                (above[column], left) = (pixels, pixels);
            }
        }
        return picture;
    }

    private static VaeInput Cut(VaeInput input, int top, int left, int tile)
    {
        var (channels, height, width) = input.Shape;
        var shape = new LatentShape(channels, Math.Min(tile, height - top), Math.Min(tile, width - left));
        var values = new float[shape.Length];
        for (var c = 0; c < channels; c++)
            for (var y = 0; y < shape.Height; y++)
                input.Values.AsSpan((c * height + top + y) * width + left, shape.Width).CopyTo(values.AsSpan((c * shape.Height + y) * shape.Width));
        return new(values, shape);
    }

    // Three planes of pixels.
    private sealed record Plane(float[] Values, int Height, int Width)
    {
        public void BlendDown(Plane above, int extent)
        {
            extent = Math.Min(extent, Math.Min(above.Height, Height));
            for (var c = 0; c < 3; c++)
                for (var y = 0; y < extent; y++)
                    for (var x = 0; x < Width; x++)
                        Mix(ref Values[(c * Height + y) * Width + x], above.Values[(c * above.Height + above.Height - extent + y) * above.Width + x], y, extent);
        }

        public void BlendRight(Plane left, int extent)
        {
            extent = Math.Min(extent, Math.Min(left.Width, Width));
            for (var c = 0; c < 3; c++)
                for (var y = 0; y < Height; y++)
                    for (var x = 0; x < extent; x++)
                        Mix(ref Values[(c * Height + y) * Width + x], left.Values[(c * left.Height + y) * left.Width + left.Width - extent + x], x, extent);
        }

        // The part of the tile that no later tile replaces.
        public void CopyTo(float[] picture, int height, int width, int top, int left, int limit)
        {
            var (rows, columns) = (Math.Min(Math.Min(limit, Height), height - top), Math.Min(Math.Min(limit, Width), width - left));
            for (var c = 0; c < 3; c++)
                for (var y = 0; y < rows; y++)
                    Values.AsSpan((c * Height + y) * Width, columns).CopyTo(picture.AsSpan((c * height + top + y) * width + left));
        }

        private static void Mix(ref float value, float other, int position, int extent) => value = other * (1 - (float)position / extent) + value * ((float)position / extent);
    }
}
