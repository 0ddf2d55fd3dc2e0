namespace Inference.Batching;

/// <summary>What a request is predicted to take, from the measured cost curve.</summary>
/// <param name="Pictures">Pictures, denoised side by side, ≥ 1.</param>
/// <param name="RowsPerPicture">Network rows of one evaluation of one picture.</param>
/// <param name="Evaluations">Evaluations of one picture, one after another.</param>
/// <param name="Decode">Time to decode one picture; pictures are decoded one after another.</param>
/// <param name="Curve">Milliseconds of a batch by its rows.</param>
/// <param name="MaxRows">Largest batch.</param>
public sealed record PredictedCost(int Pictures, int RowsPerPicture, int Evaluations, TimeSpan Decode, CostCurve Curve, int MaxRows)
{
    /// <summary>Bytes of features that a picture caches, held while its lane is open.</summary>
    public long FeatureBytesPerPicture { get; init; }

    /// <summary>What it takes where nobody else runs, when its groups are wider then; null: the same.</summary>
    public PredictedCost? Alone { get; init; }

    /// <summary>Bytes of features of all its pictures.</summary>
    public long FeatureBytes => Pictures * FeatureBytesPerPicture;

    /// <summary>Rows of one evaluation of all its pictures.</summary>
    public int Rows => Pictures * RowsPerPicture;

    /// <summary>Device time it uses in full batches, decoding included: rows × evaluations × cost of a row + decode.</summary>
    public TimeSpan Work => TimeSpan.FromMilliseconds((double)Rows * Evaluations * Curve.RowMilliseconds(MaxRows)) + Pictures * Decode;

    /// <summary>How long it takes when so many rows of others run all the while.</summary>
    public TimeSpan DurationAmong(int otherRows)
    {
        if (otherRows == 0 && Alone is not null)
            return Alone.DurationAmong(0);
        var rows = Rows + otherRows;
        var cap = Curve.Cap(MaxRows);
        // Beyond the cap rows take turns.
        var step = rows <= cap ? Curve.Milliseconds(rows) : Curve.Milliseconds(cap) * rows / cap;
        return TimeSpan.FromMilliseconds(Evaluations * step) + Pictures * Decode;
    }
}
