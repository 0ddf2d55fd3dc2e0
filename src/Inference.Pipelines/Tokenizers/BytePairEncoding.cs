using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// Byte-pair encoding of single words, Sennrich et al. 2016, arXiv:1508.07909, over bytes with an end-of-word suffix
/// (GPT-2, CLIP). Merges are taken from a heap over a linked list of symbols, so that a word of n bytes costs O(n log n).
/// </summary>
internal sealed class BytePairEncoding
{
    private readonly int[] _byteIds = new int[256];
    private readonly int[] _lastByteIds = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    /// <param name="idOf">Id of a token, or null where the vocabulary lacks it.</param>
    /// <param name="merges">The merge of each pair of ids, and its rank.</param>
    /// <param name="endOfWord">Suffix of a word's last symbol: <c>&lt;/w&gt;</c>.</param>
    /// <param name="unknown">Id of bytes that the vocabulary lacks.</param>
    public BytePairEncoding(
        Func<string, int?> idOf, Dictionary<(int Left, int Right), (int Rank, int Id)> merges, string endOfWord, int unknown)
    {
        _merges = merges;
        for (var b = 0; b < 256; b++)
        {
            var symbol = ByteLevelAlphabet.Characters[b].ToString();
            _byteIds[b] = idOf(symbol) ?? unknown;
            _lastByteIds[b] = idOf(symbol + endOfWord) ?? unknown;
        }
    }

    /// <summary>Appends the ids of one non-empty word.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);

        var symbols = new Symbol[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            symbols[i] = new Symbol(_byteIds[bytes[i]], i - 1, i + 1);
        symbols[^1] = new Symbol(_lastByteIds[bytes[^1]], bytes.Length - 2, Symbol.None);

        Merge(symbols);
        for (var i = 0; i != Symbol.None; i = symbols[i].Next)
            ids.Add(symbols[i].Id);
    }

    // Lowest rank first, leftmost among equals. Entries whose pair has meanwhile changed are passed over.
    private void Merge(Symbol[] symbols)
    {
        var candidates = new PriorityQueue<(int Position, int Id), (int Rank, int Position)>();
        for (var i = 0; i + 1 < symbols.Length; i++)
            Offer(i);

        while (candidates.TryDequeue(out var candidate, out _))
        {
            ref var left = ref symbols[candidate.Position];
            if (left.IsGone || MergeAt(candidate.Position) is not { } merge || merge.Id != candidate.Id)
                continue;

            ref var right = ref symbols[left.Next];
            left = new Symbol(merge.Id, left.Previous, right.Next);
            right = Symbol.Gone;
            if (left.Next != Symbol.None)
                symbols[left.Next].Previous = candidate.Position;

            Offer(left.Previous);
            Offer(candidate.Position);
        }

        (int Rank, int Id)? MergeAt(int position) =>
            symbols[position].Next != Symbol.None
            && _merges.TryGetValue((symbols[position].Id, symbols[symbols[position].Next].Id), out var merge)
                ? merge
                : null;

        void Offer(int position)
        {
            if (position != Symbol.None && MergeAt(position) is { } merge)
                candidates.Enqueue((position, merge.Id), (merge.Rank, position));
        }
    }

    private record struct Symbol(int Id, int Previous, int Next)
    {
        public const int None = -1;

        public static Symbol Gone { get; } = new(-1, None, None);

        public readonly bool IsGone => Id < 0;
    }
}
