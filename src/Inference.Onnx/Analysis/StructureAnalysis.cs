using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>
/// Finds the structure of a transformer in its graph: residual additions, the streams they form, what each branch computes, the blocks, and the
/// places where the graph can be cut. A branch may depend on a stream through joint attention only at its own block, so regions never nest; where they
/// do, or where the picture's stream is broken, the network is of another kind (a U-Net).
/// </summary>
internal sealed class StructureAnalysis
{
    private readonly GraphIndex _graph;
    private readonly string _output;
    private readonly IReadOnlyList<StreamAdd> _adds;
    private readonly StreamAdd _imageEntry;

    /// <exception cref="AnalysisException">The structure is none that is known.</exception>
    public static NetworkStructure Run(OnnxModel model) => new StructureAnalysis(model).Describe();

    private StructureAnalysis(OnnxModel model)
    {
        _graph = new(model);
        _output = OnnxModel.NameOf(model.Outputs[0]);
        _adds = StreamFinder.Find(_graph);
        if (_adds.Count == 0)
            throw Unknown("no residual stream was found in it");
        var sums = _adds.Select(add => add.Add.Node).ToHashSet();
        if (_adds.Any(add => add.Add.Region.Any(sums.Contains)))
            throw Unknown("its residual branches hold residual branches of their own, as in a U-Net");
        _imageEntry = FindImageEntry(model);
    }

    private NetworkStructure Describe()
    {
        var branches = Classify();
        var image = branches.Where(branch => branch.Stream != StreamKind.Context).ToArray();
        var blocks = image.Max(branch => branch.Block) + 1;
        if (branches.Any(branch => branch.Block >= blocks))
            throw Unknown("a stream beside that of the picture has more blocks than it");
        var sums = branches.Select(branch => Name(branch.Sum)).ToHashSet();
        var final = FinalOf(Name(image[^1].Sum));
        if (_graph.Needed([_output], new HashSet<string> { final }, numbersOnly: true).Any(node => _graph.Outputs(node).Any(sums.Contains)))
            throw Unknown("its output depends on the blocks by other ways than the end of the picture's stream");
        return new()
        {
            Branches = branches,
            Blocks = blocks,
            Entry = Located(_imageEntry.Add.Stream),
            Modulated = Modulated(),
            Cuts = [.. Enumerable.Range(1, Math.Max(0, blocks - 1)).Select(count => After(count, branches, final))],
            Final = _graph.Locate(final),
        };
    }

    private StreamAdd FindImageEntry(OnnxModel model)
    {
        var latent = model.Inputs.Select(OnnxModel.NameOf).FirstOrDefault(name => name is "hidden_states" or "sample") ?? throw Unknown("it has no input 'hidden_states' or 'sample'");
        var entries = _adds.Where(add => add.Before.Count == 0 && (add.Add.Stream == latent || !_graph.Between(latent, add.Add.Stream).IsEmpty)).ToArray();
        return entries switch
        {
            [var only] => only,
            [] => throw Unknown("none of its residual streams begins with the picture"),
            _ => throw Unknown($"the stream of the picture is broken into {entries.Length} pieces, as in a U-Net"),
        };
    }

    private ImmutableArray<Branch> Classify()
    {
        var classifier = new BranchClassifier(_graph);
        var (image, contexts) = (new BlockCounter(), new Dictionary<StreamAdd, BlockCounter>());
        var branches = ImmutableArray.CreateBuilder<Branch>();
        foreach (var add in _adds)
        {
            var entries = add.Entries.ToArray();
            var isImage = entries.Contains(_imageEntry);
            var stream = !isImage ? StreamKind.Context : entries.Length > 1 ? StreamKind.Joint : StreamKind.Image;
            if (!isImage && !contexts.ContainsKey(entries[0]))
                contexts.Add(entries[0], new());
            var (kind, attention) = classifier.Classify(add.Add);
            var block = (isImage ? image : contexts[entries[0]]).Next(kind);
            branches.Add(new(
                block, stream, kind, Located(add.Add.Ungated(_graph)), attention is null ? null : Located(attention), Located(add.Add.Sum(_graph)), add.Add.Weights(_graph)));
        }
        return branches.ToImmutable();
    }

    // Where the stream ends in several kinds of tokens, the picture's are those the output is made of.
    private string FinalOf(string sum)
    {
        while (true)
        {
            var behind = _graph.Needed([_output], new HashSet<string> { sum }, numbersOnly: true);
            int[] readers = [.. _graph.Readers(sum).Where(behind.Contains)];
            if (readers is not [var reader] || !GraphOperators.SelectsTokens(_graph, reader) || _graph.Inputs(reader)[0] != sum)
                return sum;
            sum = _graph.Outputs(reader).Single(output => output == _output || _graph.Readers(output).Any(behind.Contains));
        }
    }

    // The first product with weights on the way from the stream to its first attention reads what the block's input was turned into.
    private GraphValue Modulated()
    {
        var add = _imageEntry.Add;
        var inside = add.Region.ToHashSet();
        var first = add.Region.First(node => GraphOperators.MultipliesByWeight(_graph, node));
        return Located(_graph.Inputs(first).First(input => input == add.Stream || inside.Contains(_graph.Maker(input))));
    }

    private ImmutableArray<GraphValue> After(int blocks, ImmutableArray<Branch> branches, string final)
    {
        Branch Last(Func<Branch, bool> isOf) => branches.Last(branch => branch.Block < blocks && isOf(branch));
        var image = Last(branch => branch.Stream != StreamKind.Context);
        if (image.Stream != branches.First(branch => branch.Stream != StreamKind.Context).Stream)
            return [];
        string[] cut = branches.Any(branch => branch.Stream == StreamKind.Context) ? [Name(image.Sum), Name(Last(branch => branch.Stream == StreamKind.Context).Sum)] : [Name(image.Sum)];
        var probed = branches.Where(branch => branch.Block < blocks).Select(branch => Name(branch.Sum)).ToHashSet();
        var body = _graph.Needed([final], cut.ToHashSet(), numbersOnly: true);
        if (body.Any(node => _graph.Outputs(node).Any(probed.Contains)))
            return blocks == 1 ? throw Unknown("its later blocks read more of the first one than the streams") : [];
        return [.. cut.Where((value, i) => i == 0 || _graph.Readers(value).Any(body.Contains)).Select(_graph.Locate)];
    }

    private GraphValue Located(string value) => _graph.Maker(value) >= 0 ? _graph.Locate(value) : throw Unknown("a residual stream begins at an input");

    private string Name(GraphValue value) => _graph.Outputs(value.Node)[value.Output];

    private AnalysisException Unknown(string reason) => new(_graph.Model.Path, reason);
}
