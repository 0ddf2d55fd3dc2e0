namespace Inference.Onnx.Tests;

internal static class TestSessions
{
    /// <summary>Sessions on one CPU thread.</summary>
    public static SessionFactory Cpu { get; } = new(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new() { IntraOp = 1 });
}
