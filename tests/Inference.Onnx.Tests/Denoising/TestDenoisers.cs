using Inference.Sampling;

namespace Inference.Onnx.Tests;

/// <summary>Denoisers of the test pipelines, with rows that fit them.</summary>
internal static class TestDenoisers
{
    /// <summary>Opens a network as a session factory does it.</summary>
    public static DenoiserEvaluator Open(string name, out LatentShape shape, out Conditioning conditioning, SessionFactory? sessions = null)
    {
        var graph = (sessions ?? TestSessions.Cpu).OpenDenoiser(TestNetworks.PathOf(name));
        (shape, conditioning) = Sized(graph, 16);
        return new(
            graph, new() { OutputChannels = name is "dit" or "pixart" ? 8 : shape.Channels, TimestepScale = name.StartsWith("flux", StringComparison.Ordinal) ? 0.001 : 1 },
            graph.Reopen);
    }

    /// <summary>Latents of a side, and conditioning that fits them.</summary>
    public static (LatentShape Shape, Conditioning Conditioning) Sized(GraphSession graph, int side)
    {
        var latent = graph.Input("sample", "hidden_states").Dimensions;
        LatentShape shape = latent.Length == 3 ? new(4, side, side) : new(latent[1], side, side);
        var tokens = shape.Height * shape.Width / 4;
        return (shape, new([.. graph.Inputs.Where(input => input.Name is not ("sample" or "hidden_states" or "timestep")).Select(input => Tensor(input, tokens))]));
    }

    private static ConditioningTensor Tensor(GraphTensor input, int imageTokens)
    {
        int[] shape = input.Name is "img_ids" or "txt_ids" ? [input.Name == "img_ids" ? imageTokens : 6, 3] : [.. input.Dimensions.Skip(1).Select(dimension => dimension > 0 ? dimension : 6)];
        var count = shape.Aggregate(1, (product, dimension) => product * dimension);
        return input.Type is ElementType.Int64 or ElementType.Int32
            ? ConditioningTensor.Of(input.Name, [.. shape], [.. Enumerable.Range(0, count).Select(i => (long)(i % 7))])
            : ConditioningTensor.Of(input.Name, [.. shape], [.. Enumerable.Range(0, count).Select(i => input.Name.EndsWith("mask", StringComparison.Ordinal) ? i < 4 ? 1 : 0 : MathF.Sin(i + 1))]);
    }
}
