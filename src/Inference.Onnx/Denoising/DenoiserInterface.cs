using System.Collections.Frozen;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Names, ranks and layout of a denoiser graph: latent input <c>sample</c> or <c>hidden_states</c>, <c>timestep</c>, conditioning by name. A latent
/// input of rank 3 is packed, a conditioning input without a batch dimension is shared by the rows.</summary>
internal sealed class DenoiserInterface
{
    private readonly FrozenDictionary<string, int> _ranks;

    /// <exception cref="GraphException">The latent or timestep input is missing or of an unknown form.</exception>
    public DenoiserInterface(GraphSession graph)
    {
        _ranks = graph.Inputs.ToFrozenDictionary(tensor => tensor.Name, tensor => tensor.Dimensions.Length);
        Latent = graph.Input("sample", "hidden_states");
        Timestep = graph.Input("timestep");
        Output = graph.Output("out_sample", "out_hidden_states", "sample");
        Layout = Latent.Dimensions.Length switch
        {
            4 => new PlanarLayout(),
            3 => new PackedLayout(),
            _ => throw new GraphException(graph.Path, $"its input {Latent} should have three dimensions (packed) or four (planes)."),
        };
        if (Timestep.Dimensions.Length > 1)
            throw new GraphException(graph.Path, $"its input {Timestep} should be a scalar or have one dimension, the batch.");
    }

    public GraphTensor Latent { get; }

    public GraphTensor Timestep { get; }

    public GraphTensor Output { get; }

    public ILatentLayout Layout { get; }

    /// <summary>Whether one call evaluates rows of different timesteps.</summary>
    public bool MixesTimesteps => Timestep.Dimensions.Length == 1;

    /// <summary>Whether each row has its own values of a conditioning tensor.</summary>
    public bool IsPerRow(ConditioningTensor tensor) => _ranks[tensor.Name] > tensor.Shape.Length;
}
