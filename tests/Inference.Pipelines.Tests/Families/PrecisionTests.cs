using Inference.Onnx;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>Models whose networks run in another precision, through the code that serves requests.</summary>
public sealed class PrecisionTests
{
    [Theory]
    [InlineData("sd15", Precision.Int8)]
    [InlineData("sdxl", Precision.Int8)]
    [InlineData("lcm", Precision.Float16)]
    [InlineData("sd3", Precision.Int8)]
    [InlineData("flux", Precision.Int8)]
    [InlineData("pixart", Precision.Int8)]
    [InlineData("dit", Precision.Float16)]
    public async Task Latents_AreNearThoseOfFloat32_AndTheModelSaysWhatItComputesIn(string name, Precision precision)
    {
        var (plain, _) = await TraceAsync(name, new());
        var (lowered, notes) = await TraceAsync(name, new() { Precision = precision, Attention = AttentionForm.Fused });
        Assert.Contains($"computes in {Precisions.NameOf(precision)}", Assert.Single(notes));
        var error = new GoldenTensor([], plain).RelativeError(lowered);
        // Changed, and by little: these networks have random weights and a few steps.
        Assert.InRange(error, 1e-6, 0.3);
    }

    private static async Task<(float[] Latent, IReadOnlyList<string> Notes)> TraceAsync(string name, NetworkOptions network)
    {
        using var host = new PipelineHost(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new(), network), new(), TimeProvider.System);
        using var pipeline = DiffusionPipeline.Load(TestPipelines.Folder(name), host);
        var request = new GenerationRequest { Prompt = pipeline.Classes > 0 ? "" : "a star", ClassLabels = pipeline.Classes > 0 ? [1] : [], Steps = 3, Seed = 1 };
        return ((await pipeline.TraceAsync(request)).Latents[0], pipeline.Notes);
    }
}
