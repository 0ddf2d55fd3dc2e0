using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Writes the graph of each form of a transformer, as <see cref="NetworkForm"/> says what it takes and gives.</summary>
/// <param name="model">The network.</param>
/// <param name="structure">What it is made of.</param>
internal sealed class VariantGraphs(OnnxModel model, NetworkStructure structure)
{
    private readonly GraphIndex _graph = new(model);

    private const string Residual = "cache.residual";
    private const string Stream = "cache.stream";

    /// <summary>How many of the modules that <see cref="NetworkForm.TappedModules"/> gives are the last block's; they are the last ones.</summary>
    /// <exception cref="AnalysisException">They are not.</exception>
    public int LastModules
    {
        get
        {
            var last = structure.Branches.Where(branch => branch.Block == structure.Blocks - 1).Select(branch => branch.Value).ToHashSet();
            var used = Used(structure.Branches.Select(branch => branch.Value));
            var count = used.Count(last.Contains);
            return count < used.Length && used[^count..].All(last.Contains) ? count : throw new AnalysisException(model.Path, "the branches of its last block are not evaluated last");
        }
    }

    /// <summary>The graph of a form.</summary>
    /// <param name="variant">The form.</param>
    /// <param name="taken">Element types and ranks of what it takes.</param>
    /// <exception cref="AnalysisException">The graph cannot be cut so.</exception>
    public OnnxModel Of(NetworkVariant variant, ImmutableArray<FeatureTensor> taken)
    {
        var edit = new GraphEdit(model);
        for (var i = 0; i < taken.Length; i++)
            edit.Input(FeatureExchange.TakenName(i), taken[i]);
        switch (variant.Form)
        {
            case NetworkForm.TappedModules:
                Give(edit.KeepOutput(), Used(structure.Branches.Select(branch => branch.Value)));
                break;
            case NetworkForm.CachedModules:
                Take(edit.KeepOutput(), Used(structure.Branches.Select(branch => branch.Value)));
                break;
            case NetworkForm.VerifiedModules:
                var modules = Used(structure.Branches.Select(branch => branch.Value));
                Give(edit.KeepOutput(), modules[taken.Length..]);
                Take(edit, modules[..taken.Length]);
                break;
            case NetworkForm.TappedAttention:
                Give(edit.KeepOutput(), Used(structure.Attentions));
                break;
            case NetworkForm.CachedAttention:
                Take(edit.KeepOutput(), Used(structure.Attentions));
                break;
            case NetworkForm.Head:
                var probe = structure.Cuts[variant.Cut.First - 1];
                edit.Output(FeatureExchange.GivenName(0), edit.Compute("Sub", edit.Name(probe[0]), edit.Name(structure.Entry), Residual));
                Give(edit, probe, first: 1);
                break;
            case NetworkForm.Body:
                GiveResiduals(edit.KeepOutput(), Behind(variant.Cut));
                Take(edit, structure.Cuts[variant.Cut.First - 1]);
                break;
            case NetworkForm.Tail:
                AddResiduals(edit.KeepOutput(), Behind(variant.Cut));
                break;
            case NetworkForm.TappedStack:
                edit.KeepOutput().Output(FeatureExchange.GivenName(0), edit.Compute("Sub", edit.Name(structure.Final), edit.Name(structure.Entry), Residual));
                break;
            case NetworkForm.CachedStack:
                edit.KeepOutput().Replace(edit.Name(structure.Final), edit.Compute("Add", edit.Name(structure.Entry), FeatureExchange.TakenName(0), Stream));
                break;
            case NetworkForm.Modulated:
                edit.Output(FeatureExchange.GivenName(0), edit.Name(structure.Modulated));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(variant), variant, "This is no form of a transformer.");
        }
        return edit.Finish();
    }

    // The streams behind the blocks that are skipped; without blocks at the end the picture's alone.
    private ImmutableArray<GraphValue> Behind(NetworkCut cut) => cut.Last == 0 ? [structure.Final] : structure.Cuts[structure.Blocks - cut.Last - 1];

    private static void GiveResiduals(GraphEdit edit, ImmutableArray<GraphValue> behind)
    {
        for (var i = 0; i < behind.Length; i++)
            edit.Output(FeatureExchange.GivenName(i), edit.Compute("Sub", edit.Name(behind[i]), FeatureExchange.TakenName(i), $"{Residual}.{i}"));
    }

    private static void AddResiduals(GraphEdit edit, ImmutableArray<GraphValue> behind)
    {
        for (var i = 0; i < behind.Length; i++)
            edit.Replace(edit.Name(behind[i]), edit.Compute("Add", FeatureExchange.TakenName(i), FeatureExchange.TakenName(behind.Length + i), $"{Stream}.{i}"));
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
