using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// The launches of one session that its provider records once and replays (CUDA graphs): one for each binding, whose buffers never move. A provider that
/// turns out not to record a graph is not asked again, by any session of the process.
/// </summary>
/// <param name="isRefused">Whether the provider refused, shared by the sessions of a factory.</param>
internal sealed class GraphCaptures(StrongBox<bool> isRefused)
{
    // A recording lives as long as its session, its binding need not.
    private const int Most = 64;
    private const string Entry = "gpu_graph_id";
    private const string None = "-1";
    private int _count;

    /// <summary>Lets a binding have a recording of its own, as long as there are not too many.</summary>
    /// <param name="run">Its runs.</param>
    /// <param name="isWanted">Whether it runs often enough to be worth it.</param>
    /// <returns>Whether its first runs record.</returns>
    public bool Number(RunOptions run, bool isWanted)
    {
        var number = isWanted && !isRefused.Value ? Interlocked.Increment(ref _count) : Most + 1;
        run.AddRunConfigEntry(Entry, number > Most ? None : number.ToString(CultureInfo.InvariantCulture));
        return number <= Most;
    }

    /// <summary>Whether a failed run failed because it was to be recorded; it is not recorded any more then, and can be tried again.</summary>
    public bool GaveUp(OnnxRuntimeException failure, RunOptions run)
    {
        if (isRefused.Value || !IsRefusal(failure))
            return false;
        isRefused.Value = true;
        run.AddRunConfigEntry(Entry, None);
        return true;
    }

    /// <summary>Whether the runtime says that a graph cannot be recorded.</summary>
    public static bool IsRefusal(OnnxRuntimeException failure) => failure.Message.Contains("captur", StringComparison.OrdinalIgnoreCase);
}
