using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>Rows with different timesteps in one call equal the same rows alone, for every family.</summary>
public sealed class MixedTimestepTests(LoadedPipelines pipelines, ITestOutputHelper output) : IClassFixture<LoadedPipelines>
{
    private static readonly double[] Timesteps = [981, 1, 441];

    public static TheoryData<string> Names => [.. TestPipelines.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rows_WithDifferentTimesteps_EqualTheSameRowsAlone(string name)
    {
        var parts = pipelines[name].Parts;
        Assert.True(parts.Denoiser.MixesTimesteps);
        await CompareAsync(parts, parts.Denoiser, parts.Denoiser);
    }

    [Fact]
    public async Task Graph_WithAScalarTimestep_EvaluatesRowsByTimestep()
    {
        var parts = pipelines["sd15"].Parts;
        using var exported = new DenoiserEvaluator(
            pipelines.Host.Sessions.Open(Path.Combine(TestPipelines.Folder("sd15"), "unet", "model.onnx")), new() { OutputChannels = 4 });
        Assert.False(exported.MixesTimesteps);
        await CompareAsync(parts, exported, parts.Denoiser);
    }

    private async Task CompareAsync(PipelineParts parts, DenoiserEvaluator together, DenoiserEvaluator alone)
    {
        var size = parts.Sizes.Allows(new(32, 32)) ? new ImageSize(32, 32) : parts.Sizes.Default;
        var shape = parts.LatentOf(size);
        var conditions = (await parts.Conditioner.EncodeAsync(new("a star", null, 1, 3, size), default)).Conditional;
        var key = new BatchKey(BatchKey.Full, shape, conditions.ShapeKey);
        // Two rows of one timestep among others, so that grouping must put results back in order.
        double[] timesteps = [.. Timesteps, Timesteps[0]];
        var rows = timesteps.Select((timestep, i) => Row(i, timestep)).ToArray();
        together.Evaluate(key, rows);

        var tolerance = parts.Denoiser.Graph.Input("sample", "hidden_states").Type == ElementType.Float16 ? 2e-2 : 1e-5;
        var worst = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            var single = Row(i, timesteps[i]);
            alone.Evaluate(key, [single]);
            worst = Math.Max(worst, new GoldenTensor([], single.Output.Values.ToArray()).RelativeError(rows[i].Output.Values));
        }
        output.WriteLine($"{worst:E1} of std");
        Assert.True(worst <= tolerance, $"{worst}");

        NetworkRow Row(int draw, double timestep)
        {
            var input = Latent.Rent(shape);
            new TorchCpuNoise(5).Fill(draw, input);
            return new(input, timestep, conditions, Latent.Rent(shape));
        }
    }
}
