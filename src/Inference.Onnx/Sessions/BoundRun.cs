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
    private readonly Dictionary<string, TensorBuffer> _buffers = [];
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

    /// <summary>Stores values in an input, from element <paramref name="at"/> of its row-major buffer on.</summary>
    public void Write(string name, int at, ReadOnlySpan<float> values) => _buffers[name].Write(at, values);

    /// <inheritdoc cref="Write(string, int, ReadOnlySpan{float})"/>
    public void Write(string name, int at, ReadOnlySpan<long> values) => _buffers[name].Write(at, values);

    /// <summary>Reads values of an output, from element <paramref name="at"/> of its row-major buffer on.</summary>
    public void Read(string name, int at, Span<float> destination) => _buffers[name].Read(at, destination);

    /// <summary>Values of an input or output where they lie, from element <paramref name="at"/> on; empty where they are not float32.</summary>
    internal Span<float> FloatsOf(string name, int at, int length) => _buffers[name].Floats(at, length);

    /// <summary>Bytes of its buffers.</summary>
    internal long Bytes => _buffers.Values.Sum(buffer => buffer.Bytes);

    /// <summary>Runs the graph on the inputs and tells which shapes outputs that are not bound have.</summary>
    /// <exception cref="GraphException">The runtime reports a failure.</exception>
    internal long[][] ShapesOf(IReadOnlyList<string> outputs)
    {
        string[] inputs = [.. _graph.Inputs.Select(input => input.Name)];
        try
        {
            using var values = _graph.Session.Run(_options, inputs, [.. inputs.Select(name => _buffers[name].Value)], [.. outputs]);
            return [.. values.Select(value => value.GetTensorTypeAndShape().Shape)];
        }
        catch (OnnxRuntimeException exception)
        {
            throw new GraphException(_graph.Path, $"the evaluation failed: {exception.Message}", exception);
        }
    }

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
        foreach (var buffer in _buffers.Values)
            buffer.Dispose();
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
        var buffer = TensorBuffer.Allocate(tensor.Type, shape)
            ?? throw new GraphException(_graph.Path, $"{tensor} has an element type that is not supported; supported are Float32, Float16, Int64 and Int32.");
        _buffers.Add(tensor.Name, buffer);
        return buffer.Value;
    }
}
