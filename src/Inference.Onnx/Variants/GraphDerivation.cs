using Microsoft.ML.OnnxRuntime;

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

    /// <summary>Opens the graph itself once more, on weights of its own; it agreed with its export the first time.</summary>
    /// <exception cref="GraphException">The file is gone or cannot be loaded any more.</exception>
    public GraphSession Reopen(double? difference)
    {
        using var own = new GraphWeights(Model);
        try
        {
            var session = sessions.Open(Model, own, lowering, isDerivable: true);
            session.Difference = difference;
            return session;
        }
        catch (OnnxRuntimeException exception)
        {
            throw SessionFactory.Unloadable(Model.Path, exception);
        }
    }

    /// <summary>Opens a derived graph.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime cannot load it.</exception>
    public GraphSession Open(OnnxModel derived) => sessions.Open(derived, weights, lowering);

    /// <summary>Opens a graph that has no weights, for the same provider.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime cannot load it.</exception>
    public InferenceSession OpenAlone(byte[] graph) => sessions.OpenAlone(graph);
}
