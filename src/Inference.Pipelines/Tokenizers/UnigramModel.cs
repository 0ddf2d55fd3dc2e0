using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// Unigram language model segmentation, Kudo 2018, arXiv:1804.10959: the segmentation of highest summed log-probability by
/// Viterbi, forward over the bytes of the text; characters in no token count as unknown, and runs of them as one.
/// </summary>
internal sealed class UnigramModel
{
    // SentencePiece's penalty of an unknown character below the least likely token.
    private const double UnknownPenalty = 10;
    private const int Root = 0;

    private readonly Dictionary<(int Node, byte Byte), int> _children = [];
    private readonly List<int> _idOfNode = [NoToken];
    private readonly double[] _scores;
    private readonly int _unknown;
    private readonly double _unknownScore;

    private const int NoToken = -1;

    /// <param name="pieces">Text and log-probability of each id.</param>
    /// <param name="unknown">Id of unknown text.</param>
    public UnigramModel(IReadOnlyList<(string Text, double Score)> pieces, int unknown)
    {
        _unknown = unknown;
        _scores = [.. pieces.Select(p => p.Score)];
        _unknownScore = _scores.Min() - UnknownPenalty;
        for (var id = 0; id < pieces.Count; id++)
            _idOfNode[NodeOf(pieces[id].Text)] = id;
    }

    private record struct Best(double Score, int Start, int Id);

    /// <summary>Appends the ids of a piece of text.</summary>
    public void Encode(string text, List<int> ids)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var best = new Best[bytes.Length + 1];
        Array.Fill(best, new Best(double.NegativeInfinity, 0, NoToken));
        best[0].Score = 0;

        for (int start = 0, length; start < bytes.Length; start += length)
        {
            Rune.DecodeFromUtf8(bytes.AsSpan(start), out _, out length);
            var score = best[start].Score;
            var isKnown = false;
            var node = Root;
            for (var end = start; end < bytes.Length && _children.TryGetValue((node, bytes[end]), out node); end++)
            {
                var id = _idOfNode[node];
                if (id == NoToken)
                    continue;
                Offer(ref best[end + 1], new Best(score + _scores[id], start, id));
                isKnown |= end + 1 - start == length;
            }
            if (!isKnown)
                Offer(ref best[start + length], new Best(score + _unknownScore, start, _unknown));
        }
        AppendBackwards(best, ids);
    }

    private static void Offer(ref Best best, Best candidate)
    {
        if (best.Id == NoToken || candidate.Score > best.Score)
            best = candidate;
    }

    private void AppendBackwards(Best[] best, List<int> ids)
    {
        var first = ids.Count;
        for (var end = best.Length - 1; end > 0; end = best[end].Start)
        {
            var isMoreOfUnknown = best[end].Id == _unknown && ids.Count > first && ids[^1] == _unknown;
            if (!isMoreOfUnknown)
                ids.Add(best[end].Id);
        }
        ids.Reverse(first, ids.Count - first);
    }

    private int NodeOf(string text)
    {
        var node = Root;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (!_children.TryGetValue((node, b), out var child))
            {
                child = _idOfNode.Count;
                _idOfNode.Add(NoToken);
                _children.Add((node, b), child);
            }
            node = child;
        }
        return node;
    }
}
