namespace Inference.Onnx.Tests;

internal static class TestSessions
{
    /// <summary>Sessions on one CPU thread.</summary>
    /// <summary>Sessions whose networks run otherwise than exported.</summary>
    public static SessionFactory With(Precision precision = Precision.Float32, AttentionForm attention = AttentionForm.Exported) =>
        new(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new() { IntraOp = 1 }, new() { Precision = precision, Attention = attention });

    public static SessionFactory Cpu { get; } = new(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new() { IntraOp = 1 });
}
