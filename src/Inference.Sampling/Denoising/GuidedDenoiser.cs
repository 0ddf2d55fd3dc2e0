using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>
/// Classifier-free guidance (Ho &amp; Salimans 2022, arXiv:2207.12598): output = u + w·(c - u), conditional and unconditional row submitted as one
/// atomic group. At w = 1, without an unconditional branch, or where a gate is closed, one row is evaluated. All predictions are affine in the
/// output with weights that sum to one, so guiding raw outputs equals guiding the clean predictions.
/// </summary>
public sealed class GuidedDenoiser : IDenoiser, IDisposable
{
    private readonly INetwork _network;
    private readonly IPrediction _prediction;
    private readonly Conditioning _conditional;
    private readonly Conditioning? _unconditional;
    private readonly GuidanceOptions _guidance;
    private readonly ImmutableArray<IGuidanceGate> _gates;
    private readonly LatentShape _shape;
    private readonly DenoiseQuery[] _single = new DenoiseQuery[1];
    private readonly List<Latent> _buffers = [];
    private NetworkRow[] _rows = [];
    private bool[] _guided = [];

    /// <param name="network">The lane to the model.</param>
    /// <param name="prediction">What the network predicts.</param>
    /// <param name="shape">Shape of the latents of this request.</param>
    /// <param name="conditional">Conditioning of the prompt.</param>
    /// <param name="unconditional">Conditioning of the negative prompt; null when the model takes no second branch.</param>
    /// <param name="scale">Guidance scale w ≥ 0; 1 is off.</param>
    /// <exception cref="SamplingOptionException">The scale is out of range.</exception>
    public GuidedDenoiser(INetwork network, IPrediction prediction, LatentShape shape, Conditioning conditional, Conditioning? unconditional, double scale)
        : this(network, prediction, shape, conditional, unconditional, new GuidanceOptions { Scale = scale })
    {
    }

    /// <param name="network">The lane to the model.</param>
    /// <param name="prediction">What the network predicts.</param>
    /// <param name="shape">Shape of the latents of this request.</param>
    /// <param name="conditional">Conditioning of the prompt.</param>
    /// <param name="unconditional">Conditioning of the negative prompt; null when the model takes no second branch.</param>
    /// <param name="guidance">How strongly and where the prompt guides.</param>
    /// <exception cref="SamplingOptionException">A guidance option is out of range.</exception>
    public GuidedDenoiser(
        INetwork network, IPrediction prediction, LatentShape shape, Conditioning conditional, Conditioning? unconditional, GuidanceOptions guidance)
    {
        guidance.Validate();
        (_network, _prediction, _shape, _conditional, _guidance) = (network, prediction, shape, conditional, guidance);
        _unconditional = guidance.Scale == 1 ? null : unconditional;
        var gates = ImmutableArray.CreateBuilder<IGuidanceGate>();
        if (guidance.Interval is var (low, high))
            gates.Add(new IntervalGate(low, high));
        if (guidance.AdaptiveThreshold is { } threshold)
            gates.Add(new AdaptiveGate(threshold));
        _gates = gates.ToImmutable();
    }

    /// <summary>Calls of the guided denoiser so far, guidance counted once.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Network rows evaluated so far.</summary>
    public int Rows { get; private set; }

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

    private bool IsGuided(NoiseLevel level)
    {
        if (_unconditional is null)
            return false;
        foreach (var gate in _gates)
            if (!gate.IsOpen(level))
                return false;
        return true;
    }

    private ReadOnlyMemory<NetworkRow> BuildRows(ReadOnlySpan<DenoiseQuery> group)
    {
        while (_buffers.Count < 3 * group.Length)
            _buffers.Add(Latent.Rent(_shape));
        if (_guided.Length < group.Length)
            (_guided, _rows) = (new bool[group.Length], new NetworkRow[2 * group.Length]);

        var count = 0;
        for (var i = 0; i < group.Length; i++)
        {
            var (x, level, _) = group[i];
            var input = Buffer(i, 0);
            input.Set(_prediction.At(level).In * x);
            _guided[i] = IsGuided(level);
            if (_guided[i])
                _rows[count++] = new(input, level.Timestep, _unconditional!, Buffer(i, 2)) { Position = new(GuidanceBranch.Unconditional, level.Step, level.Stage) };
            _rows[count++] = new(input, level.Timestep, _conditional, Buffer(i, 1)) { Position = new(GuidanceBranch.Conditional, level.Step, level.Stage) };
        }
        return _rows.AsMemory(0, count);
    }

    private void Combine(ReadOnlySpan<DenoiseQuery> group)
    {
        for (var i = 0; i < group.Length; i++)
        {
            var (x, level, clean) = group[i];
            var preconditioning = _prediction.At(level);
            var (c, u) = (Buffer(i, 1), Buffer(i, 2));
            var output = (Combination)c;
            if (_guided[i])
            {
                foreach (var gate in _gates)
                    gate.Observe(x, level, preconditioning, c, u);
                var w = _guidance.Scale;
                output = GuidanceRescale.Factor(c, u, w, _guidance.Rescale) * (u + w * (c - u));
            }
            clean.Set(preconditioning.Skip * x + preconditioning.Out * output);
        }
    }
}
