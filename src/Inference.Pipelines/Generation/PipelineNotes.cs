using System.Collections.Immutable;
using System.Globalization;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>What is worth knowing about how a model runs here.</summary>
internal static class PipelineNotes
{
    /// <summary>One sentence each.</summary>
    public static ImmutableArray<string> Of(PipelineParts parts)
    {
        var (denoiser, graph) = (parts.Denoiser, parts.Denoiser.Graph);
        var notes = ImmutableArray.CreateBuilder<string>();
        if (!denoiser.MixesTimesteps)
            notes.Add("Its graph takes one timestep a call: requests that are at different timesteps are not evaluated in one batch.");
        if (graph is { Precision: not Precision.Float32, Difference: { } difference })
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Its network computes in {Precisions.NameOf(graph.Precision)}: an evaluation differs from the export's by {100 * difference:F2} % of its largest value."));
        if (parts.Calibration.Problem is { } problem)
            notes.Add($"It has no cache presets: {problem}.");
        return notes.ToImmutable();
    }
}
