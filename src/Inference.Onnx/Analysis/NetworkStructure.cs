using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>A value of a graph by the place where it is made, which renaming does not change.</summary>
/// <param name="Node">Index of the node, in the order of the file.</param>
/// <param name="Output">Index of its output.</param>
public readonly record struct GraphValue(int Node, int Output);

/// <summary>What a residual branch computes.</summary>
public enum BranchKind
{
    /// <summary>Attention among the tokens of the stream, or of several streams together.</summary>
    Attention,

    /// <summary>Attention whose keys and values come from elsewhere.</summary>
    CrossAttention,

    /// <summary>A feed-forward network.</summary>
    FeedForward,

    /// <summary>Attention and feed-forward network with one output projection.</summary>
    Fused,
}

/// <summary>Which tokens a residual stream carries.</summary>
public enum StreamKind
{
    /// <summary>Those of the picture.</summary>
    Image,

    /// <summary>Those of the prompt.</summary>
    Context,

    /// <summary>Both, one after the other.</summary>
    Joint,
}

/// <summary>A residual branch: stream ← stream + gate · value.</summary>
/// <param name="Block">Index of the block it belongs to, from 0.</param>
/// <param name="Stream">The stream it adds to.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Value">Its output before the gate.</param>
/// <param name="Attention">The output of its attention: <paramref name="Value"/> itself, what the projection of a fused branch reads, or null in a
/// feed-forward network.</param>
/// <param name="Sum">The stream after it.</param>
/// <param name="Weights">Number of weights it uses.</param>
public sealed record Branch(int Block, StreamKind Stream, BranchKind Kind, GraphValue Value, GraphValue? Attention, GraphValue Sum, long Weights);

/// <summary>
/// What a transformer's graph is made of, found by its data flow alone: no node or tensor inside it is known by name. Only the latent input and the
/// output are, which are its interface.
/// </summary>
public sealed record NetworkStructure
{
    /// <summary>The residual branches in the order of evaluation.</summary>
    public required ImmutableArray<Branch> Branches { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Blocks { get; init; }

    /// <summary>The image stream before the first block.</summary>
    public required GraphValue Entry { get; init; }

    /// <summary>What the first attention of the image stream reads: the first block's input, normalized and modulated.</summary>
    public required GraphValue Modulated { get; init; }

    /// <summary>The streams after each block but the last, the image stream first: everything the later blocks read of it. Empty where the streams are not
    /// those of the first block any more, so that nothing can be cut there.</summary>
    public required ImmutableArray<ImmutableArray<GraphValue>> Cuts { get; init; }

    /// <summary>The streams after the first block (the probe).</summary>
    public ImmutableArray<GraphValue> AfterProbe => Cuts.IsEmpty ? [] : Cuts[0];

    /// <summary>The image stream after the last block; behind it comes the tail.</summary>
    public required GraphValue Final { get; init; }

    /// <summary>The attention outputs among the branches.</summary>
    public ImmutableArray<GraphValue> Attentions => [.. Branches.Where(branch => branch.Attention is not null).Select(branch => branch.Attention!.Value)];

    /// <summary>Share of the branches' weights that the first block has: what a probing step costs of a full one.</summary>
    public double ProbeShare => (double)Branches.Where(branch => branch.Block == 0).Sum(branch => branch.Weights) / Branches.Sum(branch => branch.Weights);

    /// <summary>Why the network cannot be cut behind its first and before its last blocks, as the end of a sentence; null where it can.</summary>
    /// <param name="first">Blocks in front of the cut, ≥ 1.</param>
    /// <param name="last">Blocks behind the second cut, ≥ 0.</param>
    public string? WhyNotCut(int first, int last)
    {
        if (first + last >= Blocks)
            return $"of its {Blocks} blocks, {first} at the front and {last} at the end leave none between them";
        var (before, behind) = (Cuts[first - 1], last == 0 ? Cuts[first - 1] : Cuts[Blocks - last - 1]);
        return before.IsEmpty || behind.Length != before.Length ? $"behind {first} or before the last {last} of its {Blocks} blocks its streams are not those of the first block" : null;
    }

    /// <summary>Analyses the graph in a file.</summary>
    /// <exception cref="GraphException">The file is missing, truncated or no graph.</exception>
    /// <exception cref="AnalysisException">Its structure is none that is known; the message says why.</exception>
    public static NetworkStructure Of(string path) => StructureAnalysis.Run(OnnxModel.Read(path));
}

/// <summary>A graph cannot be analysed, so that nothing inside it can be cached.</summary>
/// <param name="path">The graph file.</param>
/// <param name="reason">Why, as the end of a sentence.</param>
public sealed class AnalysisException(string path, string reason) : Exception($"{path} cannot be analysed: {reason}.")
{
    /// <summary>Why, as the end of a sentence.</summary>
    public string Reason { get; } = reason;
}
