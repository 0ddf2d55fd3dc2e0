using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Working memory of one session's runs, from the statistics of the arena it computes in: exact, and without a clock. Of runs that overlap the last one to
/// end may be counted with the others.
/// </summary>
public sealed class SessionMemory : IDisposable
{
    private readonly OrtAllocator? _arena;
    private long _held;

    private SessionMemory(OrtAllocator? arena) => _arena = arena;

    /// <summary>What was learnt of it.</summary>
    public MemoryCurve Curve { get; } = new();

    /// <summary>Bytes that its arena has taken to compute in, and keeps.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Runs a graph, and learns what it needed beyond what the session holds between runs. One that needs no more than an earlier run of the session
    /// teaches nothing, since the arena only knows its most.</summary>
    /// <param name="run">The run, of this session.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="positions">Positions of one row: height times width.</param>
    /// <param name="curve">What learns it; null is <see cref="Curve"/>.</param>
    /// <exception cref="GraphException">The runtime reports a failure.</exception>
    public void Run(BoundRun run, int rows, long positions, MemoryCurve? curve = null)
    {
        var before = Read();
        run.Run();
        if (before is not { } earlier || Read() is not { } now)
            return;
        var bytes = now.MaxInUse - now.InUse;
        Volatile.Write(ref _held, Math.Max(bytes, _held));
        if (now.MaxInUse > earlier.MaxInUse)
            (curve ?? Curve).Record(rows, positions, bytes);
    }

    public void Dispose() => _arena?.Dispose();

    /// <summary>Of a session that was just opened.</summary>
    internal static SessionMemory Of(InferenceSession session)
    {
        try
        {
            // Results are made where the session computes.
            using var places = session.GetMemoryInfosForOutputs();
            return new(places.Count == 0 ? null : new(session, places.First()));
        }
        catch (OnnxRuntimeException)
        {
            // A provider without an arena; nothing is known of its memory.
            return new(null);
        }
    }

    /// <summary>The arena's statistics; null where it keeps none.</summary>
    internal ArenaStatistics? Read() => _arena is null ? null : ArenaStatistics.Of(_arena);
}
