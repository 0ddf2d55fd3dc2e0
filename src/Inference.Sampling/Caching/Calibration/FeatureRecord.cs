using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>What is recorded of a network at every step.</summary>
public enum RecordedFeature
{
    /// <summary>What the first attention reads (<see cref="NetworkForm.Modulated"/>).</summary>
    Modulated,

    /// <summary>The image stream after the first block.</summary>
    Stream,

    /// <summary>The first block's residual in it.</summary>
    Residual,

    /// <summary>The residual of all blocks.</summary>
    Stack,

    /// <summary>The network's output.</summary>
    Output,
}

/// <summary>Values recorded on one plain run, by side of guidance and step; of large ones evenly spread samples. Safe for any thread.</summary>
/// <param name="maxValues">Values kept of a feature at a step, ≥ 1.</param>
public sealed class FeatureRecord(int maxValues)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(GuidanceBranch Branch, RecordedFeature Feature), SortedDictionary<int, float[]>> _values = [];

    /// <summary>A feature at each step of the run, of every side of guidance that had it at all steps.</summary>
    public ImmutableArray<IReadOnlyList<float[]>> SeriesOf(RecordedFeature feature)
    {
        lock (_gate)
            return [.. _values.Where(entry => entry.Key.Feature == feature).Select(entry => entry.Value).Where(steps => steps.Keys.SequenceEqual(Enumerable.Range(0, steps.Count))).Select(steps => steps.Values.ToArray())];
    }

    internal void Add(RowPosition position, RecordedFeature feature, ReadOnlySpan<float> values)
    {
        var stride = (values.Length + maxValues - 1) / maxValues;
        var kept = new float[(values.Length + stride - 1) / stride];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = values[i * stride];
        lock (_gate)
        {
            if (!_values.TryGetValue((position.Branch, feature), out var steps))
                _values.Add((position.Branch, feature), steps = []);
            steps[position.Step] = kept;
        }
    }

    /// <summary>Takes in what forms of the network give for a row.</summary>
    internal IFeatures At(RowPosition position) => new Row(this, position);

    private sealed class Row(FeatureRecord record, RowPosition position) : IFeatures
    {
        public void Provide(NetworkVariant variant, int index, Span<float> values) => throw new InvalidOperationException("Recorded forms take nothing.");

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
        {
            switch (variant.Form, index)
            {
                case (NetworkForm.Modulated, _):
                    record.Add(position, RecordedFeature.Modulated, values);
                    break;
                case (NetworkForm.Head, 0):
                    record.Add(position, RecordedFeature.Residual, values);
                    break;
                case (NetworkForm.Head, 1):
                    record.Add(position, RecordedFeature.Stream, values);
                    break;
                case (NetworkForm.TappedStack, _):
                    record.Add(position, RecordedFeature.Stack, values);
                    break;
            }
        }
    }
}
