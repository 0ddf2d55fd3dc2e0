using System.Security.Cryptography;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>States of finished runs of one model by name, for similar runs to start from. The least recently used give way when there is no more room.
/// Names cannot be guessed: who knows one may see a picture like it. Safe for any thread.</summary>
internal sealed class FormerRuns
{
    /// <summary>Bytes that all runs of a model may take together.</summary>
    public const long MaxBytes = 256L << 20;

    private const int NameLength = 32;
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Name, StatesOfRun States)> _runs = [];
    private long _bytes;

    /// <summary>Keeps a run that came to its end; returns its name.</summary>
    public string Keep(StatesOfRun states)
    {
        var name = RandomNumberGenerator.GetHexString(NameLength, lowercase: true);
        lock (_gate)
        {
            _runs.AddFirst((name, states));
            _bytes += states.Bytes;
            for (; _bytes > MaxBytes; _runs.RemoveLast())
                _bytes -= _runs.Last!.Value.States.Bytes;
        }
        return name;
    }

    /// <summary>The run of a name; null when it is not kept, or no more.</summary>
    public StatesOfRun? Find(string name)
    {
        lock (_gate)
        {
            for (var node = _runs.First; node is not null; node = node.Next)
                if (node.Value.Name == name)
                {
                    _runs.Remove(node);
                    _runs.AddFirst(node);
                    return node.Value.States;
                }
            return null;
        }
    }
}
