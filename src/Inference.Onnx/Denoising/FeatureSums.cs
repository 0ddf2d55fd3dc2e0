using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>
/// Predicts the features of a batch on its device: each is a weighted sum of tensors that lie beside each other there, written where the batch's form of the
/// network takes it. Bound to one batch size and number of terms. Used by one thread at a time.
/// </summary>
internal sealed class FeatureSums : IDisposable
{
    private readonly InferenceSession _session;
    private readonly ITensorMemory _memory;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly TensorBuffer _weights;
    private readonly DeviceTensor[] _terms;
    private readonly List<OrtValue> _sums = [];
    private readonly int _rows;
    private readonly int _count;

    /// <param name="session">The graph of <see cref="FeatureSumsGraph"/>; not disposed with this.</param>
    /// <param name="memory">The device's memory.</param>
    /// <param name="type">Element type of the features.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="count">Terms of every sum.</param>
    /// <param name="features">The tensors that the sums are written to, [rows, …].</param>
    /// <exception cref="OnnxRuntimeException">The device has no room.</exception>
    public FeatureSums(InferenceSession session, ITensorMemory memory, TensorElementType type, int rows, int count, IReadOnlyList<DeviceTensor> features)
    {
        (_session, _memory, _rows, _count, _binding, _terms) = (session, memory, rows, count, session.CreateIoBinding(), new DeviceTensor[features.Count]);
        try
        {
            using var places = session.GetMemoryInfosForInputs();
            _weights = TensorBuffer.Allocate(ElementType.Float32, [features.Count, rows, 1, count], memory.Holds(places[0]) ? memory : null)!;
            _binding.BindInput(FeatureSumsGraph.Weights, _weights.Value);
            for (var i = 0; i < features.Count; i++)
            {
                var length = features[i].Length / rows;
                _terms[i] = memory.Allocate(type, [rows, count, length]);
                _sums.Add(features[i].As([rows, 1, length]));
                _binding.BindInput(FeatureSumsGraph.TermName(i), _terms[i].Whole);
                _binding.BindOutput(FeatureSumsGraph.SumName(i), _sums[i]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tensors of a row's term of a feature, to be written.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="row">The row.</param>
    /// <param name="term">The first of them.</param>
    /// <param name="count">How many.</param>
    public OrtValue Terms(int feature, int row, int term, int count)
    {
        var length = _terms[feature].Length / (_rows * _count);
        return _terms[feature].Part((row * _count + term) * length, count * length);
    }

    /// <summary>Sets the weights of a row's feature; terms behind them weigh nothing.</summary>
    public void Weigh(int feature, int row, ReadOnlySpan<float> weights)
    {
        Span<float> all = stackalloc float[_count];
        all.Clear();
        weights.CopyTo(all);
        _weights.Write((feature * _rows + row) * _count, all);
    }

    /// <summary>Computes the sums.</summary>
    /// <exception cref="OnnxRuntimeException">The device failed.</exception>
    public void Run()
    {
        using var call = _memory.Gate.Enter();
        _weights.Mirror?.Upload();
        _session.RunWithBinding(_options, _binding);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _weights?.Dispose();
        foreach (var sum in _sums)
            sum.Dispose();
        foreach (var term in _terms)
            term?.Dispose();
    }
}
