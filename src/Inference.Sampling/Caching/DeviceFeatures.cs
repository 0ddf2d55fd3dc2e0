namespace Inference.Sampling;

/// <summary>
/// What one side of guidance keeps on the network's device: the values of the last full steps of every cached feature, and the streams between the first
/// blocks and the later ones. Predictors are linear in the values of full steps, so what they do to unit vectors here, in a handful of numbers, are the
/// weights by which the device sums tensors there.
/// </summary>
internal sealed class DeviceFeatures : IDisposable
{
    private static readonly float[] One = [1];

    private readonly IPredictor _predictor;
    private readonly IDisposable[] _blocks;
    private readonly int _cached;
    private readonly float[] _factors;
    private readonly float[] _weights;
    private int? _slot;

    public DeviceFeatures(FeatureSizes sizes, IPredictor predictor)
    {
        (_predictor, _cached) = (predictor, sizes.Cached.Length);
        (_factors, _weights) = (new float[predictor.Factors * predictor.Factors], new float[predictor.Factors]);
        _blocks = new IDisposable[_cached + sizes.Streams.Length];
        try
        {
            for (var i = 0; i < _blocks.Length; i++)
                _blocks[i] = sizes.Device!.Rent(i < _cached ? checked(sizes.Cached[i] * predictor.Factors) : sizes.Streams[i - _cached]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Turns to a step.</summary>
    public void Begin(StepHistory history, int step)
    {
        _slot = history.Count == 0 ? null : history.Count % _weights.Length;
        if (history.Count > 0)
            _predictor.Predict(_factors, history, step, _weights);
    }

    /// <summary>The step was full, and its values lie in the slot; the history does not have it yet.</summary>
    public void Complete(StepHistory history, int step)
    {
        Span<float> unit = stackalloc float[_weights.Length];
        unit.Clear();
        unit[history.Count % unit.Length] = 1;
        _predictor.Renew(_factors, unit, history, step);
    }

    public DeviceFeature Cached(int index) => new(_blocks[index], _weights, _slot);

    public DeviceFeature Stream(int index) => new(_blocks[_cached + index], One, 0);

    public void Dispose()
    {
        foreach (var block in _blocks)
            block?.Dispose();
    }
}
