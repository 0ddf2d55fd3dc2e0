using Inference.TestKit;

namespace Inference.Onnx.Tests;

internal static class TestGraphs
{
    /// <summary>y = 2x for x of [batch, 2], and the integers of ids as they are.</summary>
    public static byte[] TwiceAndSame { get; } = TinyGraph.Model(
        TinyGraph.Node("Add", ["x", "x"], "y"),
        TinyGraph.Node("Identity", ["ids"], "same"),
        TinyGraph.Input("x", OnnxType.Float, "batch", 2),
        TinyGraph.Input("ids", OnnxType.Int64, "batch"),
        TinyGraph.Output("y", OnnxType.Float, "batch", 2),
        TinyGraph.Output("same", OnnxType.Int64, "batch"));
}
