using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>
/// Moves features that the device keeps between the blocks of their requests and the tensors bound to a batch, without the host. What is a feature of the last
/// full step as it is, is copied; what is a sum of several is computed by <see cref="FeatureSums"/>. Used by one thread at a time.
/// </summary>
/// <param name="variant">The form of the network the batch runs in.</param>
/// <param name="path">The network's file.</param>
/// <param name="memory">The device's memory.</param>
/// <param name="open">Opens a graph on the device.</param>
internal sealed class DeviceFeatureTransfer(NetworkVariant variant, string path, ITensorMemory memory, Func<byte[], InferenceSession> open) : IDisposable
{
    private readonly List<OrtValue> _sources = [];
    private readonly List<OrtValue> _targets = [];
    private InferenceSession? _sums;

    /// <summary>Brings what the form takes into the batch, for every row and for the padding behind them; rows whose features the host keeps are filled
    /// after this.</summary>
    /// <exception cref="GraphException">The device failed.</exception>
    public void Fill(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange) => Guarded(run, rows, size, exchange, isGiving: false);

    /// <summary>Keeps what the form gave, for every row.</summary>
    /// <exception cref="GraphException">The device failed.</exception>
    public void Read(BoundRun run, ReadOnlySpan<NetworkRow> rows, FeatureExchange exchange) => Guarded(run, rows, rows.Length, exchange, isGiving: true);

    public void Dispose() => _sums?.Dispose();

    private void Guarded(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange, bool isGiving)
    {
        try
        {
            if (isGiving)
                Give(run, rows, exchange);
            else if (TermsOf(rows, exchange) is > 1 and var terms)
                Sum(run, rows, size, exchange, terms);
            else
                Copy(run, rows, size, exchange);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new GraphException(path, $"the evaluation failed: {exception.Message}", exception);
        }
        finally
        {
            foreach (var part in _sources.Concat(_targets))
                part.Dispose();
            _sources.Clear();
            _targets.Clear();
        }
    }

    private int TermsOf(ReadOnlySpan<NetworkRow> rows, FeatureExchange exchange)
    {
        var most = 0;
        foreach (var row in rows)
            for (var i = 0; i < exchange.Taken.Length; i++)
                most = Math.Max(most, row.Features!.TakenFrom(variant, i)?.Weights.Length ?? 0);
        return most;
    }

    private void Copy(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange)
    {
        for (var i = 0; i < exchange.Taken.Length; i++)
        {
            var (name, length) = (FeatureExchange.TakenName(i), exchange.Taken[i].Length);
            for (var at = 0; at < size; at++)
            {
                var features = rows[Math.Min(at, rows.Length - 1)].Features!;
                if (features.TakenFrom(variant, i) is { } source && !run.Holds(name, at, features.VersionOf(variant, i)))
                    Add(TensorOf(source).Part(0, length), run.OnDevice(name)!.Part(at * length, length));
            }
        }
        CopyAll();
    }

    private void Sum(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange, int terms)
    {
        var sums = run.Beside(terms, () => new FeatureSums(
            _sums ??= open(FeatureSumsGraph.Of(exchange.Taken.Length, IsHalf(exchange))), memory, IsHalf(exchange) ? TensorElementType.Float16 : TensorElementType.Float,
            size, terms, [.. exchange.Taken.Select((_, i) => run.OnDevice(FeatureExchange.TakenName(i))!)]));
        for (var i = 0; i < exchange.Taken.Length; i++)
            for (var at = 0; at < size; at++)
            {
                // The sums are written over what the row holds, the host's rows included.
                run.Holds(FeatureExchange.TakenName(i), at, 0);
                if (rows[Math.Min(at, rows.Length - 1)].Features!.TakenFrom(variant, i) is not { } source)
                    continue;
                var (known, length) = (source.Weights.Length, exchange.Taken[i].Length);
                sums.Weigh(i, at, source.Weights.Span);
                Add(TensorOf(source).Part(0, known * length), sums.Terms(i, at, 0, known));
                // Weighs nothing, but must be a number.
                for (var term = known; term < terms; term++)
                    Add(TensorOf(source).Part(0, length), sums.Terms(i, at, term, 1));
            }
        CopyAll();
        sums.Run();
    }

    private void Give(BoundRun run, ReadOnlySpan<NetworkRow> rows, FeatureExchange exchange)
    {
        for (var i = 0; i < exchange.Given.Length; i++)
            for (var at = 0; at < rows.Length; at++)
            {
                if (rows[at].Features!.GivenTo(variant, i) is not { } target)
                    continue;
                var (given, length) = (run.OnDevice(FeatureExchange.GivenName(i))!, exchange.Given[i].Length);
                for (var slot = target.Slot ?? 0; slot <= (target.Slot ?? target.Weights.Length - 1); slot++)
                    Add(given.Part(at * length, length), TensorOf(target).Part(slot * length, length));
            }
        CopyAll();
    }

    private void Add(OrtValue source, OrtValue target)
    {
        _sources.Add(source);
        _targets.Add(target);
    }

    private void CopyAll()
    {
        if (_sources.Count > 0)
            memory.CopyWithin(_sources, _targets);
    }

    private static bool IsHalf(FeatureExchange exchange) => exchange.Taken[0].Type == ElementType.Float16;

    private static DeviceTensor TensorOf(DeviceFeature feature) => ((DeviceFeatureMemory.DeviceBlock)feature.Block).Tensor;
}
