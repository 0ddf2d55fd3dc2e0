using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Writes the forms of a U-Net that DeepCache needs: the whole one, which gives what comes up at a skip connection, and the part outside it.</summary>
internal static class UNetGraphs
{
    /// <param name="model">The network.</param>
    /// <param name="structure">Its skip connections.</param>
    /// <param name="variant">The form.</param>
    /// <param name="taken">Element type and rank of what it takes.</param>
    public static OnnxModel Of(OnnxModel model, UNetStructure structure, NetworkVariant variant, ImmutableArray<FeatureTensor> taken)
    {
        var edit = new GraphEdit(model).KeepOutput();
        var below = edit.Name(structure.Connections[variant.Cut.First - 1].Below);
        if (variant.Form == NetworkForm.TappedDeep)
            edit.Output(FeatureExchange.GivenName(0), below);
        else
        {
            edit.Input(FeatureExchange.TakenName(0), taken[0]);
            edit.Replace(below, FeatureExchange.TakenName(0));
        }
        return edit.Finish();
    }
}
