using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// A graph with pre-allocated, bound inputs and outputs of fixed shapes: fill the inputs, run, read the outputs. They lie where the graph wants them, on
/// its device or in the host's memory; what is not written again stays there. Running allocates nothing in the host's memory. Used by one thread at a time.
/// </summary>
public sealed class BoundRun : IDisposable
{
    // The first ones allocate what the graph needs, and record.
    private const int RunsThatRecord = 3;

    private readonly GraphSession _graph;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly Dictionary<string, TensorBuffer> _buffers = [];
    private readonly List<DeviceMirror> _taken = [];
    private readonly List<DeviceMirror> _given = [];
    private readonly Dictionary<string, long[]> _versions = [];
    private readonly Dictionary<int, IDisposable> _beside = [];
    private int _recording;
    private bool _disposed;

    internal BoundRun(GraphSession graph, IReadOnlyDictionary<string, long[]> inputs, IReadOnlyDictionary<string, long[]> outputs, bool isKept)
    {
        _graph = graph;
        _binding = graph.Session.CreateIoBinding();
        try
        {
            foreach (var tensor in graph.Inputs)
                _binding.BindInput(tensor.Name, Allocate(tensor, ShapeOf(inputs, tensor), _taken));
            foreach (var (name, shape) in outputs)
                _binding.BindOutput(name, Allocate(graph.Output(name), shape, _given));
            _recording = graph.Captures?.Number(_options, isKept) == true ? RunsThatRecord : 0;
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
    /// <exception cref="GraphException">The device reports a failure.</exception>
    public void Read(string name, int at, Span<float> destination)
    {
        try
        {
            _buffers[name].Read(at, destination);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failed(exception);
        }
    }

    /// <summary>Values of an input or output where they lie, from element <paramref name="at"/> on; empty where they are not float32.</summary>
    internal Span<float> FloatsOf(string name, int at, int length) => _buffers[name].Floats(at, length);

    /// <summary>Bytes of its buffers.</summary>
    internal long Bytes => _buffers.Values.Sum(buffer => buffer.Bytes);

    /// <summary>The tensor of an input or output on the device; null where it lies in the host's memory.</summary>
    internal DeviceTensor? OnDevice(string name) => _buffers[name].Mirror?.Device;

    /// <summary>Whether a row of an input holds a version of its values already; if not, it is taken to be written now. Inputs may be asked for by several
    /// threads, each input by one.</summary>
    /// <param name="name">The input.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="version">A number that no other values of this process have; 0 is never held.</param>
    internal bool Holds(string name, int row, long version)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_versions, name);
        if (known.Length <= row)
            Array.Resize(ref known, row + 1);
        if (version != 0 && known[row] == version)
            return true;
        known[row] = version;
        return false;
    }

    /// <summary>No row of any input holds a version any more.</summary>
    internal void Forget()
    {
        foreach (var known in _versions.Values)
            Array.Clear(known);
    }

    /// <summary>Something that lives as long as the binding does, made when it is first asked for.</summary>
    internal T Beside<T>(int key, Func<T> make)
        where T : class, IDisposable
    {
        if (!_beside.TryGetValue(key, out var known))
            _beside.Add(key, known = make());
        return (T)known;
    }

    /// <summary>Runs the graph on the inputs and tells which shapes outputs that are not bound have.</summary>
    /// <exception cref="GraphException">The runtime reports a failure.</exception>
    internal long[][] ShapesOf(IReadOnlyList<string> outputs)
    {
        string[] inputs = [.. _graph.Inputs.Select(input => input.Name)];
        using var call = Enter();
        Upload();
        try
        {
            using var values = _graph.Session.Run(_options, inputs, [.. inputs.Select(name => _buffers[name].Value)], [.. outputs]);
            return [.. values.Select(value => value.GetTensorTypeAndShape().Shape)];
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failed(exception);
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
            using var call = Enter();
            Upload();
            RunBound();
            foreach (var output in _given)
                output.DeviceWrote();
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failed(exception);
        }
    }

    private void RunBound()
    {
        try
        {
            _graph.Session.RunWithBinding(_options, _binding);
        }
        catch (OnnxRuntimeException exception) when (_graph.Captures?.GaveUp(exception, _options) == true)
        {
            _graph.Session.RunWithBinding(_options, _binding);
        }
    }

    private GraphException Failed(OnnxRuntimeException exception) => new(_graph.Path, $"the evaluation failed: {exception.Message}", exception);

    private DeviceGate.Call Enter() => _graph.Memory is { } memory ? memory.Gate.Enter(alone: _recording > 0 && _recording-- > 0) : default;

    private void Upload()
    {
        foreach (var input in _taken)
            input.Upload();
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var beside in _beside.Values)
            beside.Dispose();
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

    private OrtValue Allocate(GraphTensor tensor, long[] shape, List<DeviceMirror> mirrors)
    {
        var buffer = TensorBuffer.Allocate(tensor.Type, shape, _graph.MemoryOf(tensor.Name))
            ?? throw new GraphException(_graph.Path, $"{tensor} has an element type that is not supported; supported are Float32, Float16, Int64 and Int32.");
        _buffers.Add(tensor.Name, buffer);
        _versions.Add(tensor.Name, []);
        if (buffer.Mirror is { } mirror)
            mirrors.Add(mirror);
        return buffer.Value;
    }
}
