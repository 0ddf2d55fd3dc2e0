using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// A graph with pre-allocated, bound inputs and outputs of fixed shapes: fill the inputs, run, read the outputs. Running allocates nothing.
/// Used by one thread at a time.
/// </summary>
public sealed class BoundRun : IDisposable
{
    private readonly GraphSession _graph;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<OrtValue> _values = [];
    private readonly Dictionary<string, Array> _buffers = [];
    private bool _disposed;

    internal BoundRun(GraphSession graph, IReadOnlyDictionary<string, long[]> inputs, IReadOnlyDictionary<string, long[]> outputs)
    {
        _graph = graph;
        _binding = graph.Session.CreateIoBinding();
        try
        {
            foreach (var tensor in graph.Inputs)
                _binding.BindInput(tensor.Name, Allocate(tensor, ShapeOf(inputs, tensor)));
            foreach (var (name, shape) in outputs)
                _binding.BindOutput(name, Allocate(graph.Output(name), shape));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The float32 buffer of an input or output, row-major.</summary>
    public Span<float> Floats(string name) => (float[])_buffers[name];

    /// <summary>The int64 buffer of an input, row-major.</summary>
    public Span<long> Longs(string name) => (long[])_buffers[name];

    /// <summary>Runs the graph. Blocks until done.</summary>
    /// <exception cref="GraphException">The runtime reports a failure.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void Run()
    {
        // The runtime would follow a null pointer.
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            _graph.Session.RunWithBinding(_options, _binding);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new GraphException(_graph.Path, $"the evaluation failed: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var value in _values)
            value.Dispose();
        _binding.Dispose();
        _options.Dispose();
    }

    private long[] ShapeOf(IReadOnlyDictionary<string, long[]> shapes, GraphTensor tensor)
    {
        if (!shapes.TryGetValue(tensor.Name, out var shape))
            throw new GraphException(_graph.Path, $"its input {tensor} is not one the pipeline provides ({string.Join(", ", shapes.Keys)}).");
        var fits = shape.Length == tensor.Dimensions.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = tensor.Dimensions[i] < 0 || tensor.Dimensions[i] == shape[i];
        return fits ? shape : throw new GraphException(_graph.Path, $"its input {tensor} does not take the shape [{string.Join(',', shape)}].");
    }

    private OrtValue Allocate(GraphTensor tensor, long[] shape)
    {
        var length = shape.Aggregate(1L, (product, dimension) => product * dimension);
        var value = tensor.Type switch
        {
            ElementType.Float32 => Allocate<float>(tensor.Name, length, shape),
            ElementType.Int64 => Allocate<long>(tensor.Name, length, shape),
            _ => throw new GraphException(_graph.Path, $"{tensor} has an element type that is not supported; supported are Float32 and Int64."),
        };
        _values.Add(value);
        return value;
    }

    private OrtValue Allocate<T>(string name, long length, long[] shape)
        where T : unmanaged
    {
        var buffer = GC.AllocateArray<T>(checked((int)length), pinned: true);
        _buffers.Add(name, buffer);
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffer.AsMemory(), shape);
    }
}
