namespace Inference.Onnx;

/// <summary>What it takes to derive further graphs from a loaded one.</summary>
/// <param name="sessions">Opens them.</param>
/// <param name="model">The graph as it was loaded, edits included.</param>
/// <param name="weights">Its weights, which live as long as the session does.</param>
internal sealed class GraphDerivation(SessionFactory sessions, OnnxModel model, GraphWeights weights)
{
    /// <summary>The graph as it was loaded.</summary>
    public OnnxModel Model { get; } = model;

    /// <summary>Opens a derived graph.</summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot load it.</exception>
    public GraphSession Open(OnnxModel derived)
    {
        // Other devices hold weights of their own anyway.
        if (sessions.SharesWeights)
        {
            weights.Include(derived);
            WidenedWeights.Apply(derived, weights);
            JoinedProjections.Apply(derived, weights);
        }
        return sessions.Open(derived, weights);
    }
}
