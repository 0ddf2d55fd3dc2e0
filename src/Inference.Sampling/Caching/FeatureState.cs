namespace Inference.Sampling;

/// <summary>
/// What one side of guidance of one request knows of its features, for one stage of the steps: the predictor's factors, and, for probing policies, the
/// streams on their way from the first block to the later ones. One block of memory.
/// </summary>
internal sealed class FeatureState : IFeatures, IDisposable
{
    private readonly FeaturePool _pool;
    private readonly FeatureSizes _sizes;
    private readonly IPredictor _predictor;
    private readonly int[] _offsets;
    private readonly int[] _received;
    private readonly StepHistory _history;
    private readonly int _probe;
    private float[]? _values;
    private int _step;

    public FeatureState(FeaturePool pool, FeatureSizes sizes, IPredictor predictor)
    {
        (_pool, _sizes, _predictor, _history) = (pool, sizes, predictor, new(predictor.Factors));
        _offsets = new int[sizes.Cached.Length + sizes.Streams.Length];
        _received = new int[sizes.Cached.Length];
        _received.AsSpan().Fill(-1);
        var length = 0;
        for (var i = 0; i < _offsets.Length; i++)
        {
            _offsets[i] = length;
            length += i < sizes.Cached.Length ? sizes.Cached[i] * predictor.Factors : sizes.Streams[i - sizes.Cached.Length];
        }
        _probe = length;
        _values = pool.Rent(Length(sizes, predictor));
    }

    /// <summary>Bytes of a state.</summary>
    public static long Bytes(FeatureSizes sizes, IPredictor predictor) => sizeof(float) * (long)Length(sizes, predictor);

    /// <summary>The last step whose values it has; -1 before there is any.</summary>
    public int Newest => _history.Count > 0 ? _history[0] : -1;

    /// <summary>Relative change of the first block's residual since the last full step: mean|r - r*| / mean|r*|.</summary>
    public double ProbeChange()
    {
        var now = Probe(0);
        var then = Probe(1);
        var (change, size) = (0.0, 0.0);
        for (var i = 0; i < now.Length; i++)
        {
            change += Math.Abs(now[i] - then[i]);
            size += Math.Abs(then[i]);
        }
        return change / size;
    }

    /// <summary>Turns to a step, before rows of it are evaluated.</summary>
    public void Begin(int step) => _step = step;

    /// <summary>The step was computed in full and its values have been received.</summary>
    public void Complete()
    {
        _history.Add(_step);
        if (!_sizes.Streams.IsEmpty)
            Probe(0).CopyTo(Probe(1));
    }

    /// <summary>Predicts a feature of the step.</summary>
    public void Predict(int index, Span<float> values) => _predictor.Predict(Factors(index), _history, _step, values);

    /// <summary>Takes in a feature of the step.</summary>
    public void Renew(int index, ReadOnlySpan<float> values)
    {
        if (_received[index] == _step)
            return;
        _predictor.Renew(Factors(index), values, _history, _step);
        _received[index] = _step;
    }

    void IFeatures.Provide(NetworkVariant variant, int index, Span<float> values)
    {
        if (variant == NetworkVariant.Body)
            Stream(index).CopyTo(values);
        else if (variant == NetworkVariant.Tail && index == 0)
            Stream(0).CopyTo(values);
        else
            Predict(variant == NetworkVariant.Tail ? 0 : index, values);
    }

    void IFeatures.Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
    {
        if (variant != NetworkVariant.Head)
            Renew(index, values);
        else if (index == 0)
            values.CopyTo(Probe(0));
        else
            values.CopyTo(Stream(index - 1));
    }

    public void Dispose()
    {
        if (_values is not null)
            _pool.Return(_values);
        _values = null;
    }

    // Behind the streams: the first block's residual now, and at the last full step.
    private static int Length(FeatureSizes sizes, IPredictor predictor) =>
        checked(sizes.Cached.Sum() * predictor.Factors + sizes.Streams.Sum() + (sizes.Streams.IsEmpty ? 0 : 2 * sizes.Streams[0]));

    private Span<float> Factors(int index) => _values.AsSpan(_offsets[index], _sizes.Cached[index] * _predictor.Factors);

    private Span<float> Stream(int index) => _values.AsSpan(_offsets[_sizes.Cached.Length + index], _sizes.Streams[index]);

    private Span<float> Probe(int age) => _values.AsSpan(_probe + age * _sizes.Streams[0], _sizes.Streams[0]);
}
