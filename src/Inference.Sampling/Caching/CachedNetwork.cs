using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>
/// A network that predicts part of itself on some steps. Stands between the guidance of one request and its lane: every row has its side of guidance,
/// step and stage, decides for itself, and is submitted with the form of the network it needs, or not at all. Used by one caller at a time.
/// </summary>
public sealed class CachedNetwork : INetwork, IDisposable
{
    private readonly INetwork _network;
    private readonly CachePlan _plan;
    private readonly FeatureSizes _sizes;
    private readonly FeaturePool _pool;
    private readonly ScopeVariants _variants;
    private readonly Dictionary<(GuidanceBranch Branch, int Stage), FeatureState> _states = [];
    private readonly List<int> _fullSteps = [];
    private (NetworkRow Row, FeatureState? State, RowFate Fate)[] _rows = [];
    private NetworkRow[] _submitted = [];
    private int _count;

    /// <param name="network">The lane to the model.</param>
    /// <param name="plan">What to cache, when and how.</param>
    /// <param name="sizes">Sizes of one row's features.</param>
    /// <param name="pool">Where their memory comes from.</param>
    public CachedNetwork(INetwork network, CachePlan plan, FeatureSizes sizes, FeaturePool pool) =>
        (_network, _plan, _sizes, _pool, _variants) = (network, plan, sizes, pool, ScopeVariants.Of(plan.Scope));

    private enum RowFate
    {
        /// <summary>Computed in full; nothing is kept of it.</summary>
        Plain,

        /// <summary>Computed in full, and its features are kept.</summary>
        Recorded,

        /// <summary>What decides is computed first.</summary>
        Probed,

        /// <summary>Features are predicted and the rest is computed.</summary>
        Skipped,

        /// <summary>The output is predicted: the device is not asked.</summary>
        Predicted,
    }

    /// <summary>Rows asked for so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of which the whole network was computed.</summary>
    public int FullRows { get; private set; }

    /// <summary>Rows for which the device was asked for anything at all.</summary>
    public int EvaluatedRows { get; private set; }

    /// <summary>Bytes held for features now.</summary>
    public long Bytes => _states.Count * FeatureState.Bytes(_sizes, _plan);

    /// <summary>Steps whose row with the prompt was computed in full, in order.</summary>
    public IReadOnlyList<int> FullSteps => _fullSteps;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        Take(rows.Span);
        await SubmitAsync(RowFate.Probed, _variants.Probing, cancellationToken);
        DecideProbed();
        await SubmitAsync(RowFate.Plain, NetworkVariant.Full, cancellationToken);
        await SubmitAsync(RowFate.Recorded, _variants.Recording, cancellationToken);
        await SubmitAsync(RowFate.Skipped, _variants.Skipping, cancellationToken);
        Finish();
    }

    public void Dispose()
    {
        foreach (var state in _states.Values)
            state.Dispose();
        _states.Clear();
    }

    private void Take(ReadOnlySpan<NetworkRow> rows)
    {
        if (_rows.Length < rows.Length)
            (_rows, _submitted) = (new (NetworkRow, FeatureState?, RowFate)[rows.Length], new NetworkRow[rows.Length]);
        _count = rows.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var other = 0; other < i; other++)
                if (rows[other].Position is var position && (position.Branch, position.Stage) == (rows[i].Position.Branch, rows[i].Position.Stage))
                    throw new InvalidOperationException("A cached run evaluates one step at a time.");
            var state = StateOf(rows[i].Position);
            state?.Begin(rows[i].Position.Step);
            _rows[i] = (rows[i] with { Features = state }, state, FateOf(state, rows[i], rows));
        }
    }

    // What guidance adds is known of the side without the prompt.
    private FeatureState? StateOf(RowPosition position)
    {
        if (_plan.Scope.Kind == FeatureKind.GuidanceDelta && position.Branch == GuidanceBranch.Conditional)
            return null;
        if (!_states.TryGetValue((position.Branch, position.Stage), out var state))
            _states.Add((position.Branch, position.Stage), state = new(_pool, _sizes, _plan));
        return state;
    }

    private RowFate FateOf(FeatureState? state, in NetworkRow row, ReadOnlySpan<NetworkRow> rows)
    {
        var step = row.Position.Step;
        if (state is null || (_plan.At(step) == StepKind.Full && !_plan.IsUsed(step)))
            return RowFate.Plain;
        if (_plan.Scope.Kind == FeatureKind.GuidanceDelta && Prompted(rows, row.Position) < 0)
            return RowFate.Plain;
        return _variants.Probing != NetworkVariant.Full ? RowFate.Probed : Decide(state, row);
    }

    private RowFate Decide(FeatureState state, in NetworkRow row)
    {
        var (step, mayBeSkipped) = (row.Position.Step, state.Look(row.Input.Values));
        var kind = _plan.At(step);
        // A row that was not there at the last full step (guidance was off) has nothing it could be predicted from.
        if (kind == StepKind.Full || state.Newest < 0 || state.Newest < _plan.LastFull(step) || (kind == StepKind.Gated && !mayBeSkipped))
            return RowFate.Recorded;
        return _plan.Scope.IsOutside ? RowFate.Predicted : RowFate.Skipped;
    }

    private void DecideProbed()
    {
        foreach (ref var entry in _rows.AsSpan(0, _count))
            if (entry.Fate == RowFate.Probed)
                entry.Fate = Decide(entry.State!, entry.Row);
    }

    // Rows of one form at a time: a batch holds rows of one form only.
    private ValueTask SubmitAsync(RowFate fate, NetworkVariant variant, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var entry in _rows.AsSpan(0, _count))
            if (entry.Fate == fate)
                _submitted[count++] = entry.Row with { Variant = variant };
        return count == 0 ? ValueTask.CompletedTask : _network.EvaluateAsync(_submitted.AsMemory(0, count), cancellationToken);
    }

    private void Finish()
    {
        var rows = _rows.AsSpan(0, _count);
        foreach (var (row, state, fate) in rows)
        {
            Rows++;
            EvaluatedRows += fate == RowFate.Predicted ? 0 : 1;
            if (fate == RowFate.Predicted)
                OutsideFeature.Predict(_plan.Scope.Kind, state!, row, PromptedOf(row));
            else if (fate == RowFate.Skipped)
                state!.Verify();
            else
                Keep(row, state, fate);
        }
        Array.Clear(_rows, 0, _count);
        Array.Clear(_submitted, 0, _count);
    }

    private void Keep(in NetworkRow row, FeatureState? state, RowFate fate)
    {
        FullRows++;
        if (row.Position is { Branch: GuidanceBranch.Conditional, Stage: 0 })
            _fullSteps.Add(row.Position.Step);
        if (fate != RowFate.Recorded)
            return;
        if (_plan.Scope.IsOutside)
            OutsideFeature.Record(_plan.Scope.Kind, state!, row, PromptedOf(row));
        state!.Complete(row.Input.Values, row.Output.Values);
    }

    private NetworkRow PromptedOf(in NetworkRow row)
    {
        if (_plan.Scope.Kind != FeatureKind.GuidanceDelta)
            return default;
        foreach (var (other, _, _) in _rows.AsSpan(0, _count))
            if (other.Position == row.Position with { Branch = GuidanceBranch.Conditional })
                return other;
        throw new InvalidOperationException("The row with the prompt is missing.");
    }

    private static int Prompted(ReadOnlySpan<NetworkRow> rows, RowPosition position)
    {
        for (var i = 0; i < rows.Length; i++)
            if (rows[i].Position == position with { Branch = GuidanceBranch.Conditional })
                return i;
        return -1;
    }
}
