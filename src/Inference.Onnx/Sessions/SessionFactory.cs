using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Threads of the CPU kernels.</summary>
public sealed record SessionThreadOptions
{
    /// <summary>Threads of one evaluation; 0 takes one a core.</summary>
    public int IntraOp { get; init; }

    /// <summary>Whether waiting threads spin. Off keeps the host responsive and costs nothing measurable on two cores.</summary>
    public bool Spinning { get; init; }
}

/// <summary>Opens graphs with the process's providers and threads.</summary>
public sealed class SessionFactory(ExecutionProviders providers, SessionThreadOptions threads)
{
    /// <summary>The providers its sessions use.</summary>
    public ExecutionProviders Providers { get; } = providers;

    /// <summary>Version of ONNX Runtime.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>Threads of one evaluation.</summary>
    public int Threads { get; } = threads.IntraOp > 0 ? threads.IntraOp : Environment.ProcessorCount;

    /// <summary>Opens the graph in a file.</summary>
    /// <exception cref="GraphException">The file is missing or no valid graph; the message names it.</exception>
    public GraphSession Open(string path)
    {
        if (!File.Exists(path))
            throw new GraphException(path, "the file does not exist.");
        ExternalData.Check(path);
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", threads.Spinning ? "1" : "0");
        Providers.AppendTo(options);
        try
        {
            return new(path, new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException exception)
        {
            throw new GraphException(path, $"ONNX Runtime cannot load it: {exception.Message}", exception);
        }
    }
}

/// <summary>A graph file is missing, broken, or not what the model folder says.</summary>
public sealed class GraphException(string path, string message, Exception? inner = null) : Exception($"{path}: {message}", inner)
{
    public string Path { get; } = path;
}
