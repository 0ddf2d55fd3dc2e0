namespace Inference.Pipelines;

/// <summary>
/// Encoded prompts by encoder and text, bounded in bytes, the least recently used dropped first. Empty prompts stay: nearly every guided request has
/// one. Thread-safe.
/// </summary>
/// <param name="capacity">Bytes of embeddings kept besides those of empty prompts; 0 keeps only these.</param>
internal sealed class EmbeddingCache(long capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TextEncoder, string), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = [];
    private long _evictable;

    /// <summary>Bytes held now, empty prompts included.</summary>
    public long Bytes { get; private set; }

    public EncodedText? Find(TextEncoder encoder, string prompt)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue((encoder, prompt), out var node))
                return null;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Text;
        }
    }

    public void Add(TextEncoder encoder, string prompt, EncodedText text)
    {
        // The key's characters count too: a long prompt is larger than the few tokens that are read of it.
        var entry = new Entry(encoder, prompt, text, text.Bytes + sizeof(char) * (long)prompt.Length);
        lock (_gate)
        {
            if (_entries.ContainsKey((encoder, prompt)) || (!entry.IsPinned && entry.Bytes > capacity))
                return;
            _entries.Add((encoder, prompt), _recent.AddFirst(entry));
            Count(entry, entry.Bytes);
            for (var node = _recent.Last; _evictable > capacity;)
            {
                var previous = node!.Previous;
                if (!node.Value.IsPinned)
                    Remove(node);
                node = previous;
            }
        }
    }

    /// <summary>Forgets the prompts of an encoder that is being disposed.</summary>
    public void RemoveAll(TextEncoder encoder)
    {
        lock (_gate)
            for (var node = _recent.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Encoder == encoder)
                    Remove(node);
                node = next;
            }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        var entry = node.Value;
        _recent.Remove(node);
        _entries.Remove((entry.Encoder, entry.Prompt));
        Count(entry, -entry.Bytes);
    }

    private void Count(Entry entry, long bytes)
    {
        Bytes += bytes;
        if (!entry.IsPinned)
            _evictable += bytes;
    }

    private sealed record Entry(TextEncoder Encoder, string Prompt, EncodedText Text, long Bytes)
    {
        public bool IsPinned => Prompt.Length == 0;
    }
}
