using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>
/// The large weights of one model file, mapped from disk once and shared by all graphs derived from it, with the forms that CPU kernels pack them
/// into. A further graph costs its activations only. Must outlive the sessions; counts its owners.
/// </summary>
internal sealed class GraphWeights : IDisposable
{
    private readonly Dictionary<string, MappedFile> _files = [];
    private readonly Dictionary<string, OrtValue> _values = [];
    private readonly List<nint> _allocated = [];
    private readonly Dictionary<string, float[]> _scales = [];
    private readonly PrePackedWeightsContainer _packed = new();
    private int _owners = 1;

    /// <summary>Maps the weights of a model.</summary>
    /// <exception cref="GraphException">A range does not lie in its file.</exception>
    public GraphWeights(OnnxModel model)
    {
        try
        {
            Include(model);
        }
        catch (Exception exception) when (exception is EndOfStreamException or IOException or OnnxRuntimeException)
        {
            Dispose();
            throw new GraphException(model.Path, $"its weights are truncated or unreadable: {exception.Message}", exception);
        }
    }

    /// <summary>Maps those weights of a derived model that are not mapped yet: parts of others.</summary>
    public void Include(OnnxModel model)
    {
        foreach (var tensor in model.Initializers)
            if (tensor.Bytes is { } bytes && !_values.ContainsKey(tensor.Name))
                _values[tensor.Name] = Map(model.Folder, tensor, bytes);
    }

    /// <summary>Opens a graph on these weights.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime cannot load it.</exception>
    public InferenceSession Open(byte[] model, SessionOptions options)
    {
        foreach (var (name, value) in _values)
            options.AddInitializer(name, value);
        NativeHeap.ReturnLargeBlocks();
        return new(model, options, _packed);
    }

    /// <summary>Adds the float32 form of a float16 weight, once.</summary>
    public void Widen(string half, string name, long[] dimensions)
    {
        if (_values.ContainsKey(name))
            return;
        var source = MemoryMarshal.Cast<Float16, Half>(_values[half].GetTensorDataAsSpan<Float16>());
        var target = Allocate(name, dimensions);
        for (var i = 0; i < source.Length; i++)
            target[i] = (float)source[i];
    }

    /// <summary>Adds float32 weights one after the other as one, once.</summary>
    /// <returns>The tensor; null where one of them is not held here.</returns>
    public OnnxTensor? Join(string name, OnnxTensor[] parts, long[] dimensions)
    {
        if (!parts.All(part => _values.ContainsKey(part.Name)))
            return null;
        if (!_values.ContainsKey(name))
        {
            var target = Allocate(name, dimensions);
            foreach (var part in parts)
            {
                var source = _values[part.Name].GetTensorDataAsSpan<float>();
                source.CopyTo(target);
                target = target[source.Length..];
            }
        }
        // The runtime is given the values; the place they would be read from is never looked at.
        return parts[0] with { Name = name, Dimensions = dimensions, Bytes = (parts[0].Bytes ?? new("", 0, 0)) with { Length = 0 } };
    }

    // The runtime takes shared weights only in memory that is not its own.
    private unsafe Span<float> Allocate(string name, long[] dimensions)
    {
        var length = checked((int)dimensions.Aggregate(1L, (product, dimension) => product * dimension));
        var memory = NativeMemory.Alloc((nuint)length, sizeof(float));
        _allocated.Add((nint)memory);
        _values.Add(name, OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float, dimensions, (nint)memory, (long)length * sizeof(float)));
        return new(memory, length);
    }

    /// <summary>Whether it holds a weight.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Adds the 8-bit form of a matrix [rows, columns], once: each column over its scale, its largest absolute value over 127.</summary>
    /// <returns>The scales.</returns>
    public unsafe float[] Quantize(OnnxTensor matrix, string name)
    {
        if (_scales.TryGetValue(name, out var known))
            return known;
        var (rows, columns) = ((int)matrix.Dimensions[0], (int)matrix.Dimensions[1]);
        var source = Floats(matrix);
        var scales = new float[columns];
        for (var i = 0; i < source.Length; i++)
            scales[i % columns] = Math.Max(scales[i % columns], Math.Abs(source[i]));
        for (var column = 0; column < columns; column++)
            scales[column] = scales[column] > 0 ? scales[column] / sbyte.MaxValue : 1;
        var target = (sbyte*)NativeMemory.Alloc((nuint)source.Length);
        _allocated.Add((nint)target);
        for (var i = 0; i < source.Length; i++)
            target[i] = (sbyte)MathF.Round(source[i] / scales[i % columns]);
        _values.Add(name, OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Int8, [rows, columns], (nint)target, source.Length));
        return _scales[name] = scales;
    }

    /// <summary>One more session to outlive.</summary>
    public GraphWeights Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) > 0)
            return;
        _packed.Dispose();
        foreach (var value in _values.Values)
            value.Dispose();
        foreach (var address in _allocated)
            Free(address);
        foreach (var file in _files.Values)
            file.Dispose();
    }

    // Float32 values of a weight stored as such or in float16.
    private float[] Floats(OnnxTensor tensor)
    {
        var value = _values[tensor.Name];
        if (tensor.Type == OnnxTensor.FloatType)
            return value.GetTensorDataAsSpan<float>().ToArray();
        var halves = MemoryMarshal.Cast<Float16, Half>(value.GetTensorDataAsSpan<Float16>());
        var floats = new float[halves.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = (float)halves[i];
        return floats;
    }

    private static unsafe void Free(nint address) => NativeMemory.Free((void*)address);

    private OrtValue Map(string folder, OnnxTensor tensor, TensorBytes bytes)
    {
        if (!_files.TryGetValue(bytes.Location, out var file))
            _files.Add(bytes.Location, file = new(Path.Combine(folder, bytes.Location)));
        // The numbers of the runtime's element types are those of TensorProto.DataType.
        var type = (TensorElementType)tensor.Type;
        var length = tensor.Count * SizeOf(type);
        if (bytes.Length > 0 && bytes.Length != length)
            throw new EndOfStreamException($"'{tensor.Name}' has {tensor.Count} values in {bytes.Length} bytes.");
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, tensor.Dimensions, file.Address(bytes.Offset, length), length);
    }

    private static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Int16 or TensorElementType.UInt16 => 2,
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        TensorElementType.Bool or TensorElementType.Int8 or TensorElementType.UInt8 => 1,
        _ => throw new EndOfStreamException($"weights of type {type} are not supported."),
    };
}
