using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// An affine map from the channels of a latent value to the mean colour of the pixels it stands for: rgb = W·(1, z), with W the least-squares
/// solution over decoded latents (ridge-regularised normal equations). Autoencoders of diffusion models are close to linear at this scale.
/// </summary>
internal sealed class LatentProjection
{
    // Relative to the data: keeps channels that no sample moves from getting weights out of noise.
    private const double Ridge = 1e-4;

    private readonly double[][] _weights;

    private LatentProjection(double[][] weights) => _weights = weights;

    /// <summary>Fits the map.</summary>
    /// <param name="latents">Latents [C, h, w] of one shape, in the network's scaling.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="pictures">What each decodes to: planes [3, h·factor, w·factor] in [-1, 1].</param>
    /// <param name="factor">Pixels a latent value stands for, in each direction.</param>
    public static LatentProjection Fit(IReadOnlyList<float[]> latents, LatentShape shape, IReadOnlyList<float[]> pictures, int factor)
    {
        var width = shape.Channels + 1;
        var gram = new double[width, width];
        var moments = new double[3][];
        for (var c = 0; c < 3; c++)
            moments[c] = new double[width];
        var value = new double[width];
        value[0] = 1;
        for (var sample = 0; sample < latents.Count; sample++)
            for (var y = 0; y < shape.Height; y++)
                for (var x = 0; x < shape.Width; x++)
                {
                    for (var c = 0; c < shape.Channels; c++)
                        value[c + 1] = latents[sample][(c * shape.Height + y) * shape.Width + x];
                    for (var i = 0; i < width; i++)
                    {
                        for (var j = 0; j <= i; j++)
                            gram[i, j] += value[i] * value[j];
                        for (var c = 0; c < 3; c++)
                            moments[c][i] += value[i] * MeanColour(pictures[sample], shape, factor, c, y, x);
                    }
                }
        for (var i = 1; i < width; i++)
            gram[i, i] += Ridge * gram[0, 0];
        return new([.. moments.Select(moment => NormalEquations.Solve(gram, moment))]);
    }

    /// <summary>Planes [3, h, w], nominally in [-1, 1], of a latent [C, h, w].</summary>
    public float[] Apply(ReadOnlySpan<float> latent, LatentShape shape)
    {
        var plane = shape.Height * shape.Width;
        var planes = new float[3 * plane];
        for (var c = 0; c < 3; c++)
        {
            var weights = _weights[c];
            for (var i = 0; i < plane; i++)
            {
                var sum = weights[0];
                for (var channel = 0; channel < shape.Channels; channel++)
                    sum += weights[channel + 1] * latent[channel * plane + i];
                planes[c * plane + i] = (float)sum;
            }
        }
        return planes;
    }

    /// <summary>Mean of the pixels that a latent value stands for, cut to what can be shown.</summary>
    internal static double MeanColour(float[] planes, LatentShape shape, int factor, int channel, int y, int x)
    {
        var (height, width) = (shape.Height * factor, shape.Width * factor);
        var sum = 0.0;
        for (var row = y * factor; row < (y + 1) * factor; row++)
            foreach (var pixel in planes.AsSpan((channel * height + row) * width + x * factor, factor))
                sum += Math.Clamp(pixel, -1, 1);
        return sum / (factor * factor);
    }
}
