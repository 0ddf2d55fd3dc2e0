using Inference.Onnx;
using Inference.Sampling;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Inference.Pipelines.Tests;

/// <summary>
/// diffusers' own results on exported pipelines of the real families, through the code that serves requests: final latents within 1e-3 of their
/// standard deviation, pictures at 60 dB; a float16 pipeline gives the picture of its float32 original at 30 dB.
/// </summary>
[Trait("Category", "Golden")]
public sealed class GoldenPipelineTests(GoldenPipelineTests.Fixture fixture) : IClassFixture<GoldenPipelineTests.Fixture>
{
    private const double LatentTolerance = 1e-3;
    private const double SinglePsnr = 60;
    private const double HalfPsnr = 30;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in TestPipelines.Names)
                foreach (var golden in GoldenCase.Of(folder))
                    data.Add(folder, golden.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_GivesTheReferencesTokensLatentsAndPicture(string folder, string name)
    {
        var golden = GoldenCase.Of(folder).Single(entry => entry.Name == name);
        var pipeline = fixture.Pipelines[folder];
        var trace = await pipeline.TraceAsync(golden.Request(), golden.Scheduler());
        foreach (var (tokenizer, ids) in golden.TokenIds())
            Assert.Equal(ids, trace.Tokens.Single(row => row.Parameter == "prompt" && row.Component == tokenizer.Replace("tokenizer", "text_encoder", StringComparison.Ordinal)).Row.Ids);

        var error = golden.Latents.RelativeError([.. trace.Latents.SelectMany(values => AsStored(values, trace.Shape, golden.Latents.Shape))]);
        var psnr = Psnr(golden.Images.Values, [.. trace.Planes.SelectMany((planes, i) => Interleaved(planes, golden.Images.Shape[1], golden.Images.Shape[2]))]);
        fixture.Report($"{folder} {name}: latents {error:E2} of std, picture {psnr:F1} dB");

        var isHalf = pipeline.Parts.Denoiser.Graph.Input("sample", "hidden_states").Type == ElementType.Float16;
        Assert.True(isHalf || error <= LatentTolerance, $"latents {error}");
        Assert.True(psnr >= (isHalf ? HalfPsnr : SinglePsnr), $"PSNR {psnr}");
    }

    // The reference keeps packed latents packed.
    internal static float[] AsStored(float[] values, LatentShape shape, int[] stored)
    {
        if (stored.Length != 3)
            return values;
        using var latent = Latent.From(shape, values);
        var tokens = new float[values.Length];
        PackedLayout.Pack(latent, tokens);
        return tokens;
    }

    private static float[] Interleaved(float[] planes, int height, int width)
    {
        var pixels = new float[planes.Length];
        for (var i = 0; i < height * width; i++)
            for (var c = 0; c < 3; c++)
                pixels[3 * i + c] = Math.Clamp((planes[c * height * width + i] + 1) / 2, 0, 1);
        return pixels;
    }

    private static double Psnr(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return -10 * Math.Log10(expected.Zip(actual, (e, a) => Math.Pow((double)e - a, 2)).Average());
    }

    /// <summary>The pipelines, and the way to print a line while the tests run.</summary>
    public sealed class Fixture(IMessageSink sink) : IDisposable
    {
        public LoadedPipelines Pipelines { get; } = new();

        public void Report(string line) => sink.OnMessage(new DiagnosticMessage(line));

        public void Dispose() => Pipelines.Dispose();
    }
}
