using System.Runtime.CompilerServices;
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
/// <param name="providers">The providers.</param>
/// <param name="threads">Threads of the CPU kernels.</param>
/// <param name="network">How networks run; null is as exported.</param>
public sealed class SessionFactory(ExecutionProviders providers, SessionThreadOptions threads, NetworkOptions? network = null)
{
    private const string Cpu = "cpu";
    private readonly StrongBox<bool> _capturesRefused = new();

    /// <summary>The providers its sessions use.</summary>
    public ExecutionProviders Providers { get; } = providers;

    /// <summary>How networks run.</summary>
    public NetworkOptions Network { get; } = network ?? new();

    /// <summary>Bytes of this process that are pinned for inputs and outputs of graphs.</summary>
    public static long PinnedBytes => TensorBuffer.PinnedBytes;

    /// <summary>Bytes on devices for inputs and outputs of graphs and for features that requests cache; the runtime's own memory is not among them.</summary>
    public static long DeviceBytes => DeviceMemory.Bytes;

    /// <summary>Version of ONNX Runtime.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>Whether graphs of one model can be opened on the same weights.</summary>
    internal bool SharesWeights => Providers.Names is [Cpu];

    /// <summary>Threads of one evaluation.</summary>
    public int Threads { get; } = threads.IntraOp > 0 ? threads.IntraOp : Environment.ProcessorCount;

    /// <summary>Opens the graph in a file.</summary>
    /// <exception cref="GraphException">The file is missing or no valid graph; the message names it.</exception>
    public GraphSession Open(string path)
    {
        ExternalData.Check(path);
        using var options = Options();
        try
        {
            if (new FileInfo(path).LinkTarget is null)
                return new(path, OnDevice(() => new InferenceSession(path, options)), Providers.Memory);
            // The runtime looks for weights beside the link, and refuses those that are links themselves.
            var model = OnnxModel.Read(path);
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", model.Folder);
            return new(path, OnDevice(() => new InferenceSession(model.ToBytes(), options)), Providers.Memory);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Unloadable(path, exception);
        }
    }

    /// <summary>Opens the network of a pipeline, so that rows of one call may have different timesteps where its graph can be brought to that, and as
    /// <see cref="Network"/> asks.</summary>
    /// <exception cref="GraphException">The file is missing or no valid graph; the message names it.</exception>
    /// <exception cref="PrecisionException">The provider has no kernels for the precision, or the network differs too much in it.</exception>
    public GraphSession OpenDenoiser(string path)
    {
        if (PrecisionKernels.WhyNot(Network.Precision, Providers) is { } reason)
            throw new PrecisionException(Network.Precision, reason);
        return new DenoiserOpening(this, path).Run();
    }

    /// <summary>Opens the float32 form of a float16 graph.</summary>
    /// <exception cref="GraphException">The file is missing or no valid graph; the message names it.</exception>
    public GraphSession OpenInFloat32(string path)
    {
        using var options = Options();
        try
        {
            var model = OnnxModel.Read(path);
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", model.Folder);
            return new(path, OnDevice(() => new InferenceSession(Float32Conversion.Convert(model), options)), Providers.Memory);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or EndOfStreamException)
        {
            throw Unloadable(path, exception);
        }
    }

    /// <summary>Opens a graph on weights that other graphs of the same model may use too.</summary>
    /// <param name="model">The graph as it was exported or derived.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="lowering">The last edits before it is opened.</param>
    /// <param name="isDerivable">Whether further graphs may be derived from it.</param>
    /// <exception cref="OnnxRuntimeException">The runtime cannot load it.</exception>
    /// <exception cref="PrecisionException">The graph cannot be brought to the precision.</exception>
    internal GraphSession Open(OnnxModel model, GraphWeights weights, Lowering lowering, bool isDerivable = false)
    {
        var lowered = lowering.Of(model, weights);
        // Other devices hold weights of their own anyway.
        if (!isDerivable && SharesWeights)
        {
            weights.Include(lowered);
            WidenedWeights.Apply(lowered, weights);
            JoinedProjections.Apply(lowered, weights);
        }
        var (session, captures) = OpenCapturing(lowered.ToBytes(), model.Folder, weights);
        return new(model.Path, session, Providers.Memory, weights.Share(), isDerivable ? new(this, model, weights, lowering) : null) { Captures = captures };
    }

    /// <summary>Opens a graph that has no weights.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime cannot load it.</exception>
    internal InferenceSession OpenAlone(byte[] graph)
    {
        using var options = Options();
        return OnDevice(() => new InferenceSession(graph, options));
    }

    // A graph with control flow or with nodes on another device cannot be recorded, which the runtime says when it is opened.
    private (InferenceSession Session, GraphCaptures? Captures) OpenCapturing(byte[] graph, string folder, GraphWeights weights)
    {
        if (Providers.CapturesGraphs && !_capturesRefused.Value)
            try
            {
                return (Open(captures: true), new(_capturesRefused));
            }
            catch (OnnxRuntimeException exception) when (GraphCaptures.IsRefusal(exception))
            {
            }
        return (Open(captures: false), null);

        InferenceSession Open(bool captures)
        {
            using var options = Options(captures);
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
            // Other devices copy weights to memory of their own, from the same ranges of the file.
            return SharesWeights ? weights.Open(graph, options) : OnDevice(() => new InferenceSession(graph, options));
        }
    }

    // Weights go to the device.
    private InferenceSession OnDevice(Func<InferenceSession> open)
    {
        using var call = Providers.Memory is { } memory ? memory.Gate.Enter() : default;
        return open();
    }

    private SessionOptions Options(bool captures = false)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", threads.Spinning ? "1" : "0");
        Providers.AppendTo(options, captures);
        return options;
    }

    internal static GraphException Unloadable(string path, Exception exception) => new(path, $"ONNX Runtime cannot load it: {exception.Message}", exception);
}

/// <summary>A graph file is missing, broken, or not what the model folder says.</summary>
public sealed class GraphException(string path, string message, Exception? inner = null) : Exception($"{path}: {message}", inner)
{
    public string Path { get; } = path;
}
