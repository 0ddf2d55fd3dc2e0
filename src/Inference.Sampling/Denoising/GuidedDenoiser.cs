using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>
/// Classifier-free guidance (Ho &amp; Salimans 2022, arXiv:2207.12598): output = u + w·(c - u), conditional and unconditional row submitted as one
/// atomic group. At w = 1, or without an unconditional branch, one row is evaluated. All predictions are affine in the output with weights that
/// sum to one, so guiding raw outputs equals guiding the clean predictions.
/// </summary>
public sealed class GuidedDenoiser : IDenoiser, IDisposable
{
    private readonly INetwork _network;
    private readonly IPrediction _prediction;
    private readonly Conditioning _conditional;
    private readonly Conditioning? _unconditional;
    private readonly double _scale;
    private readonly LatentShape _shape;
    private readonly DenoiseQuery[] _single = new DenoiseQuery[1];
    private readonly List<Latent> _buffers = [];
    private NetworkRow[] _rows = [];

    /// <param name="network">The lane to the model.</param>
    /// <param name="prediction">What the network predicts.</param>
    /// <param name="shape">Shape of the latents of this request.</param>
    /// <param name="conditional">Conditioning of the prompt.</param>
    /// <param name="unconditional">Conditioning of the negative prompt; null when the model takes no second branch.</param>
    /// <param name="scale">Guidance scale w ≥ 0; 1 is off.</param>
    public GuidedDenoiser(INetwork network, IPrediction prediction, LatentShape shape, Conditioning conditional, Conditioning? unconditional, double scale)
    {
        (_network, _prediction, _shape, _conditional, _scale) = (network, prediction, shape, conditional, scale);
        _unconditional = scale == 1 ? null : unconditional;
    }

    /// <summary>Calls of the guided denoiser so far, guidance counted once.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Network rows evaluated so far.</summary>
    public int Rows { get; private set; }

    private int RowsPerQuery => _unconditional is null ? 1 : 2;

    public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        _single[0] = new(x, level, clean);
        return DenoiseAsync(_single, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        var rows = BuildRows(group.Span);
        await _network.EvaluateAsync(rows, cancellationToken);
        Combine(group.Span);
        Evaluations += group.Length;
        Rows += rows.Length;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
        _buffers.Clear();
    }

    // Buffers of query i: its scaled input, its conditional output, its unconditional output.
    private Latent Buffer(int query, int kind) => _buffers[3 * query + kind];

    private ReadOnlyMemory<NetworkRow> BuildRows(ReadOnlySpan<DenoiseQuery> group)
    {
        while (_buffers.Count < 3 * group.Length)
            _buffers.Add(Latent.Rent(_shape));
        if (_rows.Length < group.Length * RowsPerQuery)
            _rows = new NetworkRow[group.Length * RowsPerQuery];

        var count = 0;
        for (var i = 0; i < group.Length; i++)
        {
            var (x, level, _) = group[i];
            var input = Buffer(i, 0);
            input.Set(_prediction.At(level).In * x);
            if (_unconditional is not null)
                _rows[count++] = new(input, level.Timestep, _unconditional, Buffer(i, 2));
            _rows[count++] = new(input, level.Timestep, _conditional, Buffer(i, 1));
        }
        return _rows.AsMemory(0, count);
    }

    private void Combine(ReadOnlySpan<DenoiseQuery> group)
    {
        for (var i = 0; i < group.Length; i++)
        {
            var (x, level, clean) = group[i];
            var (_, skip, @out) = _prediction.At(level);
            var (c, u) = (Buffer(i, 1), Buffer(i, 2));
            var guided = _unconditional is null ? (Combination)c : u + _scale * (c - u);
            clean.Set(skip * x + @out * guided);
        }
    }
}
