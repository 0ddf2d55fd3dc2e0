using System.Buffers;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// One form of a denoiser graph: binds buffers for rows of a shape, fills them, and reads the results. A derived form has only some of the inputs, and
/// exchanges values inside the network with its rows.
/// </summary>
/// <param name="variant">Which form.</param>
/// <param name="graph">Its graph; disposed with it.</param>
/// <param name="denoiser">Names and layout of the full graph.</param>
/// <param name="options">What the graph does not say.</param>
/// <param name="onDevice">Moves features that the graph's device keeps; null where it keeps none.</param>
internal sealed class DenoiserForm(NetworkVariant variant, GraphSession graph, DenoiserInterface denoiser, DenoiserOptions options, DeviceFeatureTransfer? onDevice = null) : IDisposable
{
    private readonly bool _hasLatent = graph.HasInput(denoiser.Latent.Name);
    private readonly bool _hasTimestep = graph.HasInput(denoiser.Timestep.Name);
    private readonly bool _hasOutput = graph.HasOutput(denoiser.Output.Name);
    private FeatureTransfer? _transfer;
    private readonly HashSet<string> _inputs = [.. graph.Inputs.Select(input => input.Name)];

    public GraphSession Graph => graph;

    /// <summary>Binds buffers for a number of rows like <paramref name="row"/>.</summary>
    /// <exception cref="GraphException">The rows do not fit the graph.</exception>
    /// <param name="row">The first row.</param>
    /// <param name="size">How many.</param>
    /// <param name="exchange">What the rows exchange with the form.</param>
    /// <param name="isKept">Whether batches of this size will come again.</param>
    public BoundRun Bind(in NetworkRow row, int size, FeatureExchange exchange, bool isKept = false)
    {
        var shape = row.Input.Shape;
        var inputs = new Dictionary<string, long[]>();
        if (_hasLatent)
            inputs[denoiser.Latent.Name] = [size, .. denoiser.Layout.Row(shape, shape.Channels)];
        if (_hasTimestep)
            inputs[denoiser.Timestep.Name] = denoiser.MixesTimesteps ? [size] : [];
        foreach (var tensor in row.Conditioning.Tensors)
        {
            long[] dimensions = [.. tensor.Shape.Select(dimension => (long)dimension)];
            if (_inputs.Contains(tensor.Name))
                inputs[tensor.Name] = denoiser.IsPerRow(tensor) ? [size, .. dimensions] : dimensions;
        }
        for (var i = 0; i < exchange.Taken.Length; i++)
            inputs[FeatureExchange.TakenName(i)] = exchange.Taken[i].Of(size);
        var outputs = new Dictionary<string, long[]>();
        if (_hasOutput)
            outputs[denoiser.Output.Name] = [size, .. denoiser.Layout.Row(shape, options.OutputChannels)];
        for (var i = 0; i < exchange.Given.Length; i++)
            outputs[FeatureExchange.GivenName(i)] = exchange.Given[i].Of(size);
        return graph.Bind(inputs, outputs, isKept);
    }

    /// <summary>Stores one row at an index of the batch; its features are provided apart.</summary>
    public void Fill(BoundRun run, int index, in NetworkRow row)
    {
        if (_hasLatent)
            denoiser.Layout.Write(run, denoiser.Latent.Name, index, row.Input);
        if (_hasTimestep && (index == 0 || denoiser.MixesTimesteps))
            run.Write(denoiser.Timestep.Name, index, [(float)(row.Timestep * options.TimestepScale)]);
        foreach (var tensor in row.Conditioning.Tensors)
            if (!_inputs.Contains(tensor.Name) || (index > 0 && !denoiser.IsPerRow(tensor)) || run.Holds(tensor.Name, index, row.Conditioning.Version))
                continue;
            else if (tensor.Floats is { } floats)
                run.Write(tensor.Name, index * floats.Length, floats);
            else
                run.Write(tensor.Name, index * tensor.Longs!.Length, tensor.Longs);
    }

    /// <summary>Hands one row its results; its features are received apart.</summary>
    public void Read(BoundRun run, int index, in NetworkRow row)
    {
        if (_hasOutput)
            denoiser.Layout.Read(run, denoiser.Output.Name, index, options.OutputChannels, row.Output);
    }

    /// <summary>Writes what the form takes, for every row and for the padding behind them. On the device thread alone.</summary>
    public void FillFeatures(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange)
    {
        onDevice?.Fill(run, rows, size, exchange);
        (_transfer ??= new(this)).Fill(run, rows, size, exchange);
    }

    /// <summary>Hands every row what the form gave. On the device thread alone.</summary>
    public void ReadFeatures(BoundRun run, ReadOnlySpan<NetworkRow> rows, FeatureExchange exchange)
    {
        onDevice?.Read(run, rows, exchange);
        (_transfer ??= new(this)).Read(run, rows, exchange);
    }

    /// <summary>Writes a value the form takes, for one row, unless the device keeps it or the row holds it already.</summary>
    public void Provide(BoundRun run, int feature, int index, in NetworkRow row, FeatureExchange exchange)
    {
        var (name, length, features) = (FeatureExchange.TakenName(feature), exchange.Taken[feature].Length, row.Features!);
        if (features.TakenFrom(variant, feature) is not null || run.Holds(name, index, features.VersionOf(variant, feature)))
            return;
        var at = index * length;
        // Straight into the bound buffer where it is float32: features are most of the bytes a cached row moves.
        if (run.FloatsOf(name, at, length) is { IsEmpty: false } bound)
        {
            features.Provide(variant, feature, bound);
            return;
        }
        var values = ArrayPool<float>.Shared.Rent(length);
        features.Provide(variant, feature, values.AsSpan(0, length));
        run.Write(name, at, values.AsSpan(0, length));
        ArrayPool<float>.Shared.Return(values);
    }

    /// <summary>Hands one row a value the form gave, unless the device keeps it.</summary>
    public void Receive(BoundRun run, int feature, int index, in NetworkRow row, FeatureExchange exchange)
    {
        var (name, length, features) = (FeatureExchange.GivenName(feature), exchange.Given[feature].Length, row.Features!);
        if (features.GivenTo(variant, feature) is not null)
            return;
        var at = index * length;
        if (run.FloatsOf(name, at, length) is { IsEmpty: false } bound)
        {
            features.Receive(variant, feature, bound);
            return;
        }
        var values = ArrayPool<float>.Shared.Rent(length);
        run.Read(name, at, values.AsSpan(0, length));
        features.Receive(variant, feature, values.AsSpan(0, length));
        ArrayPool<float>.Shared.Return(values);
    }

    public void Dispose()
    {
        onDevice?.Dispose();
        graph.Dispose();
    }
}
