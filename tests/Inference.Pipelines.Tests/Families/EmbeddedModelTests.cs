using System.Text.Json;
using Inference.Onnx;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>The embedded model against its golden numbers (models/pictogram-128/golden.json), through the code that serves requests.</summary>
public sealed class EmbeddedModelTests(EmbeddedModel model, ITestOutputHelper output) : IClassFixture<EmbeddedModel>
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("models", "pictogram-128", "golden.json"))).RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Golden.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_GivesTheReferencesTokensLatentsAndPicture(int index)
    {
        var golden = Golden.GetProperty("cases")[index];
        var request = new GenerationRequest
        {
            Prompt = golden.GetProperty("prompt").GetString()!,
            Steps = golden.GetProperty("steps").GetInt32(),
            GuidanceScale = golden.GetProperty("guidance_scale").GetDouble(),
            Seed = golden.GetProperty("seed").GetInt64(),
        };
        Assert.Equal(Longs(golden.GetProperty("token_ids")), ClipTokenizer.Load(Path.Combine(EmbeddedModel.Folder, "tokenizer")).Encode(request.Prompt).Ids);

        var trace = await model.Pipeline.TraceAsync(request);
        Assert.Equal(Longs(golden.GetProperty("timesteps")), trace.Timesteps.Select(timestep => (long)timestep));
        var latents = GoldenTensor.Read(golden.GetProperty("latents")).RelativeError(trace.Latents[0]);
        var psnr = Psnr(GoldenTensor.Read(golden.GetProperty("image_chw_minus1to1")).Values, trace.Planes[0]);
        output.WriteLine($"case {index}: latents {latents:E1} of std, picture {psnr:F1} dB");
        Assert.True(latents <= 1e-3, $"latents {latents}");
        Assert.True(psnr >= 60, $"PSNR {psnr}");
    }

    [Fact]
    public async Task Parts_GiveTheReferencesNumbers()
    {
        var parts = Golden.GetProperty("parts");
        var hidden = GoldenTensor.Read(parts.GetProperty("last_hidden_state"));
        var prompt = (await EncodeAsync("two cats next to a green tree")).Conditional;
        Assert.Equal(Longs(parts.GetProperty("input_ids")), ClipTokenizer.Load(Path.Combine(EmbeddedModel.Folder, "tokenizer")).Encode("two cats next to a green tree").Ids);
        Report("text encoder", hidden.RelativeError(prompt.Tensors[0].Floats));

        var shape = new LatentShape(8, 16, 16);
        var inputs = GoldenTensor.Read(parts.GetProperty("hidden_states")).Values;
        var timesteps = Longs(parts.GetProperty("timestep"));
        var rows = timesteps.Select((timestep, i) => new NetworkRow(Latent.From(shape, inputs.AsSpan(i * shape.Length, shape.Length)), timestep, prompt, Latent.Rent(shape))).ToArray();
        model.Parts.Denoiser.Evaluate(new(Batching.BatchKey.Full, shape, prompt.ShapeKey), rows);
        Report("denoiser", GoldenTensor.Read(parts.GetProperty("out_hidden_states")).RelativeError(rows.SelectMany(row => row.Output.Values.ToArray()).ToArray()));

        // The golden decoder input is not divided by the scaling factor; the decoder divides.
        var scaled = inputs.Take(shape.Length).Select(value => (float)(value * 0.5858508348464966)).ToArray();
        Report("decoder", GoldenTensor.Read(parts.GetProperty("vae_sample")).RelativeError(await model.Parts.Decoder.DecodeAsync(Latent.From(shape, scaled), default)));

        void Report(string part, double error)
        {
            output.WriteLine($"{part}: {error:E1} of std");
            Assert.True(error <= 1e-3, $"{part}: {error}");
        }
    }

    [Fact]
    public async Task Rows_WithDifferentTimesteps_EqualTheSameRowsAlone()
    {
        var shape = new LatentShape(8, 16, 16);
        var prompt = (await EncodeAsync("a star")).Conditional;
        var noise = new TorchCpuNoise(5);
        NetworkRow Row(int draw, double timestep)
        {
            var input = Latent.Rent(shape);
            noise.Fill(draw, input);
            return new(input, timestep, prompt, Latent.Rent(shape));
        }
        var key = new Batching.BatchKey(Batching.BatchKey.Full, shape, prompt.ShapeKey);
        NetworkRow[] together = [Row(0, 10), Row(1, 500), Row(2, 999)];
        model.Parts.Denoiser.Evaluate(key, together);
        for (var i = 0; i < together.Length; i++)
        {
            var alone = Row(i, together[i].Timestep);
            model.Parts.Denoiser.Evaluate(key, [alone]);
            Assert.True(new GoldenTensor([], alone.Output.Values.ToArray()).RelativeError(together[i].Output.Values) <= 1e-5);
        }
    }

    private Task<Conditions> EncodeAsync(string prompt) => model.Parts.Conditioner.EncodeAsync(new(prompt, null, 0, 1, new(128, 128)), default);

    private static long[] Longs(JsonElement json) => [.. json.EnumerateArray().Select(value => value.GetInt64())];

    // Against a range of 2, the reference clamped to [-1, 1] and so must we.
    private static double Psnr(float[] expected, float[] actual)
    {
        var squares = expected.Zip(actual, (e, a) => Math.Pow(e - Math.Clamp(a, -1, 1), 2)).Average();
        return 10 * Math.Log10(4 / squares);
    }
}

/// <summary>The embedded model, loaded once for a test class.</summary>
public sealed class EmbeddedModel : IDisposable
{
    private readonly PipelineHost _host = new(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new()), new(), TimeProvider.System);

    public EmbeddedModel() => Pipeline = DiffusionPipeline.Load(Folder, _host);

    public static string Folder { get; } = Repository.PathOf("models", "pictogram-128");

    public DiffusionPipeline Pipeline { get; }

    internal PipelineParts Parts => Pipeline.Parts;

    public void Dispose()
    {
        Pipeline.Dispose();
        _host.Dispose();
    }
}
