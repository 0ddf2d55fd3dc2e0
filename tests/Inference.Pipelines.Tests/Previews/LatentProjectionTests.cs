using Inference.Sampling;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>The projection against its definition, and against what the embedded model's autoencoder makes of real, unfinished pictures.</summary>
public sealed class LatentProjectionTests(EmbeddedModel model, ITestOutputHelper output) : IClassFixture<EmbeddedModel>
{
    [Fact]
    public void Fit_FindsTheMap_ThatMadeTheColours()
    {
        double[][] weights = [[0.1, 0.2, -0.3, 0.05], [-0.2, 0.1, 0.1, 0.1], [0.05, -0.1, 0.2, -0.2]];
        var shape = new LatentShape(3, 6, 5);
        var latents = Enumerable.Range(0, 2).Select(sample => ProjectionFit.Field(new TorchCpuNoise(9), sample, shape).Select(value => Math.Clamp(value, -1, 1)).ToArray()).ToArray();
        var pictures = latents.Select(latent => Decode(latent, shape, weights, factor: 2)).ToArray();
        var planes = LatentProjection.Fit(latents, shape, pictures, 2).Apply(latents[1], shape);
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < shape.Height; y++)
                for (var x = 0; x < shape.Width; x++)
                    Assert.Equal(LatentProjection.MeanColour(pictures[1], shape, 2, c, y, x), planes[(c * shape.Height + y) * shape.Width + x], 1e-2);
    }

    [Fact]
    public void Field_HasUnitVariance_AndNeighboursThatAreAlike()
    {
        var shape = new LatentShape(4, 64, 64);
        var field = ProjectionFit.Field(new TorchCpuNoise(1), 0, shape);
        Assert.InRange(field.Average(value => value * value), 0.8, 1.2);
        var neighbours = Enumerable.Range(0, field.Length / 2).Average(i => field[2 * i] * field[2 * i + 1]);
        Assert.InRange(neighbours, 0.6, 0.9);
    }

    [Theory]
    [InlineData("a red apple on a blue background", 1)]
    [InlineData("a house in the snow", 2)]
    [InlineData("a sailboat", 9)]
    public async Task Projection_OfRealSteps_ResemblesWhatTheAutoencoderMakes(string prompt, long seed)
    {
        var watch = new Captures();
        await model.Pipeline.GenerateAsync(new() { Prompt = prompt, Seed = seed, Steps = 12 }, new(), watch, default);
        Assert.Equal([3, 6, 9], watch.Previews.Keys);
        foreach (var (step, preview) in watch.Previews)
        {
            var projection = await preview.RenderAsync(PreviewKind.Projection, default);
            var vae = await preview.RenderAsync(PreviewKind.Vae, default);
            Assert.Equal((128, 128, 128, 128), (projection.Width, projection.Height, vae.Width, vae.Height));
            var (correlation, psnr) = Compare(projection.Pixels, vae.Pixels);
            output.WriteLine($"{prompt}, step {step}: correlation {correlation:F3}, {psnr:F1} dB");
            Assert.True(correlation > 0.8, $"step {step}: correlation {correlation}");
        }
    }

    private static (double Correlation, double Psnr) Compare(byte[] left, byte[] right)
    {
        var (meanLeft, meanRight) = (left.Average(value => (double)value), right.Average(value => (double)value));
        double both = 0, varianceLeft = 0, varianceRight = 0, error = 0;
        for (var i = 0; i < left.Length; i++)
        {
            both += (left[i] - meanLeft) * (right[i] - meanRight);
            varianceLeft += Math.Pow(left[i] - meanLeft, 2);
            varianceRight += Math.Pow(right[i] - meanRight, 2);
            error += Math.Pow(left[i] - right[i], 2);
        }
        return (both / Math.Sqrt(varianceLeft * varianceRight), 10 * Math.Log10(255 * 255 / (error / left.Length)));
    }

    private static float[] Decode(float[] latent, LatentShape shape, double[][] weights, int factor)
    {
        var (height, width) = (shape.Height * factor, shape.Width * factor);
        var planes = new float[3 * height * width];
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    planes[(c * height + y) * width + x] = (float)(weights[c][0] + Enumerable.Range(0, shape.Channels).Sum(
                        channel => weights[c][channel + 1] * latent[(channel * shape.Height + y / factor) * shape.Width + x / factor]));
        return planes;
    }

    private sealed class Captures : IGenerationObserver
    {
        public SortedDictionary<int, PicturePreview> Previews { get; } = [];

        public void OnStep(in PictureStep step)
        {
            if (step.Step % 3 == 0 && step.Step < step.Steps)
                Previews[step.Step] = step.Capture();
        }

        public void OnDenoised(int image)
        {
        }
    }
}
