using System.Buffers;

namespace Inference.Sampling;

/// <summary>
/// What one side of guidance of one request knows of its features, for one stage of the steps: the predictor's factors, the streams on their way from
/// the first blocks to the later ones, and what its gate looks at and remembers. One block of memory, and where the network's device keeps features, the
/// blocks there.
/// </summary>
internal sealed class FeatureState : IFeatures, IDisposable
{
    private static long s_versions;

    private readonly FeaturePool _pool;
    private readonly FeatureSizes _sizes;
    private readonly CachePlan _plan;
    private readonly int[] _offsets;
    private readonly int[] _received;
    private readonly (double Change, double Size)[] _verified;
    private readonly StepHistory _history;
    private readonly int _probed;
    private readonly IRowGate? _gate;
    private readonly DeviceFeatures? _device;
    private float[]? _values;
    private int _step;
    private long _version;

    public FeatureState(FeaturePool pool, FeatureSizes sizes, CachePlan plan)
    {
        (_pool, _sizes, _plan, _history, _verified) = (pool, sizes, plan, new(plan.Predictor.Factors), new (double, double)[sizes.Verified]);
        _offsets = new int[sizes.Cached.Length + sizes.Streams.Length];
        _received = new int[sizes.Cached.Length];
        _received.AsSpan().Fill(-1);
        _device = sizes.Device is null ? null : new(sizes, plan.Predictor);
        for (var i = 0; i < _offsets.Length && _device is null; i++)
        {
            _offsets[i] = _probed;
            _probed += i < sizes.Cached.Length ? sizes.Cached[i] * plan.Predictor.Factors : sizes.Streams[i - sizes.Cached.Length];
        }
        _values = pool.Rent(_probed + sizes.Probed + GateLength(sizes, plan));
        pool.Hold(BytesOnDevice);
        _gate = plan.Gate?.Begin(_values.AsMemory(_probed + sizes.Probed, GateLength(sizes, plan)));
    }

    /// <summary>Bytes of a state.</summary>
    public static long Bytes(FeatureSizes sizes, CachePlan plan) => sizeof(float) * (long)Length(sizes, plan);

    /// <summary>The last step whose values it has; -1 before there is any.</summary>
    public int Newest => _history.Count > 0 ? _history[0] : -1;

    /// <summary>Turns to a step, before rows of it are evaluated.</summary>
    public void Begin(int step)
    {
        _step = step;
        _device?.Begin(_history, step);
    }

    /// <summary>Shows the gate the step; whether it may be skipped, as far as the gate is concerned.</summary>
    /// <param name="input">The network's input.</param>
    public bool Look(ReadOnlySpan<float> input) => _gate?.Look(Seen(input), _step) ?? false;

    /// <summary>The step was computed in full and its values have been received.</summary>
    /// <param name="input">The network's input.</param>
    /// <param name="output">Its output.</param>
    public void Complete(ReadOnlySpan<float> input, ReadOnlySpan<float> output)
    {
        _device?.Complete(_history, _step);
        _history.Add(_step);
        _version = Interlocked.Increment(ref s_versions);
        _gate?.Complete(Seen(input), output, _step);
    }

    /// <summary>The step was skipped; what was computed of it all the same is compared with its prediction.</summary>
    public void Verify()
    {
        if (_verified.Length == 0)
            return;
        var (change, size) = (0.0, 0.0);
        foreach (var verified in _verified)
            (change, size) = (change + verified.Change, size + verified.Size);
        _gate?.Verify(change == 0 ? 0 : change / size, _step);
    }

    /// <summary>Predicts a feature of the step.</summary>
    public void Predict(int index, Span<float> values) => _plan.Predictor.Predict(Factors(index), _history, _step, values);

    /// <summary>Takes in a feature of the step.</summary>
    public void Renew(int index, ReadOnlySpan<float> values)
    {
        if (_received[index] == _step)
            return;
        _plan.Predictor.Renew(Factors(index), values, _history, _step);
        _received[index] = _step;
    }

    long IFeatures.VersionOf(NetworkVariant variant, int index) => TakesStream(variant, index) || !_plan.Predictor.IsConstant ? 0 : _version;

    DeviceFeature? IFeatures.TakenFrom(NetworkVariant variant, int index) =>
        TakesStream(variant, index) ? _device?.Stream(index) : _device?.Cached(variant.Form == NetworkForm.Tail ? index - _sizes.Cached.Length : index);

    DeviceFeature? IFeatures.GivenTo(NetworkVariant variant, int index) => variant.Form switch
    {
        // Looked at here.
        NetworkForm.Modulated => null,
        NetworkForm.Head => index == 0 ? null : _device?.Stream(index - 1),
        _ => _device?.Cached(index),
    };

    void IFeatures.Provide(NetworkVariant variant, int index, Span<float> values)
    {
        if (TakesStream(variant, index))
            StreamFor(variant, index, values);
        else
            Predict(variant.Form == NetworkForm.Tail ? index - _sizes.Cached.Length : index, values);
    }

    void IFeatures.Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
    {
        switch (variant.Form)
        {
            case NetworkForm.Modulated:
            case NetworkForm.Head when index == 0:
                values.CopyTo(_values.AsSpan(_probed, _sizes.Probed));
                break;
            case NetworkForm.Head:
                values.CopyTo(Stream(index - 1));
                break;
            case NetworkForm.VerifiedModules:
                Compare(index, values);
                break;
            case NetworkForm.Body when _plan.Scope.Kind == FeatureKind.Forecast:
                RenewSum(index, values);
                break;
            default:
                Renew(index, values);
                break;
        }
    }

    public void Dispose()
    {
        if (_values is null)
            return;
        _pool.Return(_values);
        _pool.Hold(-BytesOnDevice);
        _device?.Dispose();
        _values = null;
    }

    private long BytesOnDevice => _device is null ? 0 : Bytes(_sizes, _plan) - sizeof(float) * (long)_values!.Length;

    // The tail takes as many streams as residuals.
    private bool TakesStream(NetworkVariant variant, int index) => variant.Form == NetworkForm.Body || (variant.Form == NetworkForm.Tail && index < _sizes.Cached.Length);

    private static int Length(FeatureSizes sizes, CachePlan plan) =>
        checked(sizes.Cached.Sum() * plan.Predictor.Factors + sizes.Streams.Sum() + sizes.Probed + GateLength(sizes, plan));

    private static int GateLength(FeatureSizes sizes, CachePlan plan) => plan.Gate is not { } gate ? 0 : checked(gate.Tensors * gate.Sight switch
    {
        GateSight.Probed => sizes.Probed,
        GateSight.Stream => sizes.Streams[0],
        _ => sizes.Cached[0],
    });

    private ReadOnlySpan<float> Seen(ReadOnlySpan<float> input) => _plan.Gate!.Sight switch
    {
        GateSight.Probed => _values.AsSpan(_probed, _sizes.Probed),
        GateSight.Stream => Stream(0),
        _ => input,
    };

    // A forecast stream is given to the tail whole: as what is added to nothing.
    private void StreamFor(NetworkVariant variant, int index, Span<float> values)
    {
        if (variant.Form == NetworkForm.Tail && _plan.Scope.Kind == FeatureKind.Forecast)
            values.Clear();
        else
            Stream(index).CopyTo(values);
    }

    private void RenewSum(int index, ReadOnlySpan<float> residual)
    {
        var sum = ArrayPool<float>.Shared.Rent(residual.Length);
        var stream = Stream(index);
        for (var i = 0; i < residual.Length; i++)
            sum[i] = stream[i] + residual[i];
        Renew(index, sum.AsSpan(0, residual.Length));
        ArrayPool<float>.Shared.Return(sum);
    }

    private void Compare(int index, ReadOnlySpan<float> computed)
    {
        var predicted = ArrayPool<float>.Shared.Rent(computed.Length);
        Predict(_sizes.Cached.Length - _verified.Length + index, predicted.AsSpan(0, computed.Length));
        _verified[index] = RelativeChange.Sums(predicted.AsSpan(0, computed.Length), computed);
        ArrayPool<float>.Shared.Return(predicted);
    }

    private Span<float> Factors(int index) => _values.AsSpan(_offsets[index], _sizes.Cached[index] * _plan.Predictor.Factors);

    private Span<float> Stream(int index) => _values.AsSpan(_offsets[_sizes.Cached.Length + index], _sizes.Streams[index]);
}
