using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Writes the graph of each form of a network, as <see cref="NetworkVariant"/> says what it takes and gives.</summary>
/// <param name="model">The network.</param>
/// <param name="structure">What it is made of.</param>
internal sealed class VariantGraphs(OnnxModel model, NetworkStructure structure)
{
    private readonly GraphIndex _graph = new(model);

    private const string Residual = "cache.residual";
    private const string Stream = "cache.stream";

    /// <summary>The graph of a form.</summary>
    /// <param name="variant">The form.</param>
    /// <param name="taken">Element types and ranks of what it takes.</param>
    /// <exception cref="AnalysisException">The graph cannot be cut so.</exception>
    public OnnxModel Of(NetworkVariant variant, ImmutableArray<FeatureTensor> taken)
    {
        var edit = new GraphEdit(model);
        for (var i = 0; i < taken.Length; i++)
            edit.Input(FeatureExchange.TakenName(i), taken[i]);
        switch (variant)
        {
            case NetworkVariant.TappedModules:
                Give(edit.KeepOutput(), Used(structure.Branches.Select(branch => branch.Value)));
                break;
            case NetworkVariant.CachedModules:
                Take(edit.KeepOutput(), Used(structure.Branches.Select(branch => branch.Value)));
                break;
            case NetworkVariant.TappedAttention:
                Give(edit.KeepOutput(), Used(structure.Attentions));
                break;
            case NetworkVariant.CachedAttention:
                Take(edit.KeepOutput(), Used(structure.Attentions));
                break;
            case NetworkVariant.Head:
                edit.Output(FeatureExchange.GivenName(0), edit.Compute("Sub", edit.Name(structure.AfterProbe[0]), edit.Name(structure.Entry), Residual));
                Give(edit, structure.AfterProbe, first: 1);
                break;
            case NetworkVariant.Body:
                edit.Output(FeatureExchange.GivenName(0), edit.KeepOutput().Compute("Sub", edit.Name(structure.Final), FeatureExchange.TakenName(0), Residual));
                Take(edit, structure.AfterProbe);
                break;
            case NetworkVariant.Tail:
                edit.KeepOutput().Replace(edit.Name(structure.Final), edit.Compute("Add", FeatureExchange.TakenName(0), FeatureExchange.TakenName(1), Stream));
                break;
            case NetworkVariant.TappedStack:
                edit.KeepOutput().Output(FeatureExchange.GivenName(0), edit.Compute("Sub", edit.Name(structure.Final), edit.Name(structure.Entry), Residual));
                break;
            case NetworkVariant.CachedStack:
                edit.KeepOutput().Replace(edit.Name(structure.Final), edit.Compute("Add", edit.Name(structure.Entry), FeatureExchange.TakenName(0), Stream));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(variant), variant, "The full network is the file itself.");
        }
        return edit.Finish();
    }

    // What is left of a stream beside the picture's when its attentions are given has no effect: nothing of it is kept.
    private GraphValue[] Used(IEnumerable<GraphValue> taps)
    {
        var all = taps.ToArray();
        var names = all.Select(tap => _graph.Outputs(tap.Node)[tap.Output]).ToArray();
        var needed = _graph.Needed([OnnxModel.NameOf(model.Outputs[0])], names.ToHashSet(), numbersOnly: true);
        return [.. all.Where((_, i) => _graph.Readers(names[i]).Any(needed.Contains))];
    }

    private static void Give(GraphEdit edit, IEnumerable<GraphValue> values, int first = 0)
    {
        string[] names = [.. values.Select(edit.Name)];
        for (var i = 0; i < names.Length; i++)
            edit.Output(FeatureExchange.GivenName(first + i), names[i]);
    }

    private static void Take(GraphEdit edit, IEnumerable<GraphValue> values)
    {
        string[] names = [.. values.Select(edit.Name)];
        for (var i = 0; i < names.Length; i++)
            edit.Replace(names[i], FeatureExchange.TakenName(i));
    }
}
