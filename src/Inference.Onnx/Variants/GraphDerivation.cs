namespace Inference.Onnx;

/// <summary>What it takes to derive further graphs from a loaded one.</summary>
/// <param name="sessions">Opens them.</param>
/// <param name="model">The graph as it was exported, with the edits that change its interface.</param>
/// <param name="weights">Its weights, which live as long as the session does.</param>
/// <param name="lowering">The edits that bring it to the provider.</param>
internal sealed class GraphDerivation(SessionFactory sessions, OnnxModel model, GraphWeights weights, Lowering lowering)
{
    /// <summary>The graph that others are derived from.</summary>
    public OnnxModel Model { get; } = model;

    /// <summary>What it computes in.</summary>
    public Precision Precision => lowering.Precision;

    /// <summary>Opens a derived graph.</summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot load it.</exception>
    public GraphSession Open(OnnxModel derived) => sessions.Open(derived, weights, lowering);
}
