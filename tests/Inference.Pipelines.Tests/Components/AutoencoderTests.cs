using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>Decoding and encoding: float16 overflow, batches, tiles, posterior.</summary>
public sealed class AutoencoderTests(LoadedPipelines pipelines) : IClassFixture<LoadedPipelines>
{
    private static readonly LatentShape Shape = new(4, 16, 16);

    [Fact]
    public async Task Decode_Float16Overflow_IsRetriedInFloat32()
    {
        var (half, single) = (pipelines["sd15-fp16"].Parts.Decoder, pipelines["sd15"].Parts.Decoder);
        // The first layer brings a value of this size beyond 65,504.
        using var latent = Noise(1, 40_000);
        var retries = half.Retries;
        var actual = await half.DecodeAsync(latent, default);
        Assert.Equal(retries + 1, half.Retries);
        Assert.True(new GoldenTensor([], await single.DecodeAsync(latent, default)).RelativeError(actual) <= 0.05);

        using var ordinary = Noise(1, 1);
        await half.DecodeAsync(ordinary, default);
        Assert.Equal(retries + 1, half.Retries);
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sd15-fp16")]
    public async Task Decode_NotFiniteInFloat32Either_IsAnError(string name)
    {
        using var latent = Noise(1, 1);
        latent.Values[7] = float.NaN;
        await Assert.ThrowsAsync<GenerationFailedException>(() => pipelines[name].Parts.Decoder.DecodeAsync(latent, default));
    }

    [Fact]
    public async Task Decode_ManyAtOnce_EqualsEachAlone_AndOneBadOneFailsAlone()
    {
        var decoder = pipelines["sd15"].Parts.Decoder;
        var latents = Enumerable.Range(0, 9).Select(i => Noise(i, 1)).ToArray();
        latents[4].Values[0] = float.NaN;
        var together = latents.Select(latent => decoder.DecodeAsync(latent, default)).ToArray();
        for (var i = 0; i < latents.Length; i++)
            if (i == 4)
                await Assert.ThrowsAsync<GenerationFailedException>(() => together[4]);
            else
                Assert.True(new GoldenTensor([], await decoder.DecodeAsync(latents[i], default)).RelativeError(await together[i]) <= 1e-5);
    }

    [Fact]
    public async Task DecodeQueue_BatchesWaitingPictures_WithinItsMemory()
    {
        // 16 x 16 positions of 128 KiB: three pictures fit.
        using var host = new PipelineHost(pipelines.Host.Sessions, new(), TimeProvider.System, components: new() { DecodeBytes = 3L * 256 * (128 << 10) });
        var (sizes, started, go) = (new List<int>(), new TaskCompletionSource(), new ManualResetEventSlim());
        var queue = new DecodeQueue(host, batch =>
        {
            started.TrySetResult();
            go.Wait();
            sizes.Add(batch.Count);
            return [.. batch.Select(input => new[] { input.Values[0] })];
        });
        var first = queue.DecodeAsync(new([0], Shape), default);
        await started.Task;
        var rest = Enumerable.Range(1, 7).Select(i => queue.DecodeAsync(new([i], i < 6 ? Shape : new(4, 8, 8)), default)).ToArray();
        // The text encoders' thread is another one: decoding does not stall it.
        Assert.Equal(5, await host.Components.RunAsync(() => 5, default));
        go.Set();
        Assert.Equal(0f, (await first).Single());
        for (var i = 0; i < rest.Length; i++)
            Assert.Equal(i + 1f, (await rest[i]).Single());
        Assert.Equal([1, 3, 2, 2], sizes);
    }

    [Theory]
    [InlineData(40, 56, 16)]
    [InlineData(33, 17, 16)]
    [InlineData(16, 16, 16)]
    public void TiledDecode_OfALocalDecoder_EqualsTheWhole(int height, int width, int tile)
    {
        var input = new VaeInput([.. Enumerable.Range(0, 3 * height * width).Select(i => MathF.Sin(i))], new(3, height, width));
        var tiled = TiledDecode.Decode(input, 2, Enlarge, tile);
        Assert.True(new GoldenTensor([], Enlarge([input])[0]).RelativeError(tiled) <= 1e-6);
    }

    [Fact]
    public void TiledDecode_BlendsDifferentTilesLinearly()
    {
        // Each tile is of one value, its number; a quarter of a tile of 8 pixels overlaps.
        var tiles = 0;
        var picture = TiledDecode.Decode(new(new float[3 * 4 * 7], new(3, 4, 7)), 2, parts =>
        {
            var values = new float[3 * 4 * parts[0].Shape.Height * parts[0].Shape.Width];
            Array.Fill(values, tiles++);
            return [values];
        }, tile: 4);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0.5f, 1, 1, 1, 1, 1, 1.5f], picture[..14]);
    }

    [Fact]
    public async Task Decode_LargePicture_IsTiled_AndNearTheWhole()
    {
        var decoder = pipelines["sd15"].Parts.Decoder;
        using var latent = Latent.Rent(new(4, 200, 192));
        new TorchCpuNoise(3).Fill(0, latent);
        Assert.True(TiledDecode.IsNeeded(latent.Shape));
        var planes = await decoder.DecodeAsync(latent, default);
        Assert.Equal(3 * 400 * 384, planes.Length);
        Assert.All(planes, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public async Task Encode_SampleOfZeroNoise_IsTheMean_AndDecodesToThePosteriorsScale()
    {
        var image = new RgbImage(32, 32, [.. Enumerable.Range(0, 3 * 32 * 32).Select(i => (byte)(i * 3))]);
        var posterior = await pipelines["sd15"].Parts.Encoder!.EncodeAsync(image, default);
        using var mean = Latent.Rent(posterior.Shape);
        using var zero = Latent.From(posterior.Shape, new float[posterior.Shape.Length]);
        using var sample = Latent.Rent(posterior.Shape);
        new TorchCpuNoise(1).Fill(0, sample);
        posterior.Mean(mean);
        posterior.Sample(zero);
        posterior.Sample(sample);
        Assert.Equal(mean.Values.ToArray(), zero.Values.ToArray());
        Assert.NotEqual(mean.Values.ToArray(), sample.Values.ToArray());
    }

    private static Latent Noise(int seed, float scale)
    {
        var latent = Latent.Rent(Shape);
        new TorchCpuNoise((ulong)seed).Fill(0, latent);
        foreach (ref var value in latent.Values)
            value *= scale;
        return latent;
    }

    // Every value becomes 2 x 2 pixels, whatever lies around it.
    private static float[][] Enlarge(IReadOnlyList<VaeInput> inputs) => [.. inputs.Select(input =>
    {
        var (_, height, width) = input.Shape;
        var pixels = new float[3 * 4 * height * width];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (c, y, x) = (i / (4 * height * width), i / (2 * width) % (2 * height), i % (2 * width));
            pixels[i] = input.Values[(c * height + y / 2) * width + x / 2];
        }
        return pixels;
    })];
}
