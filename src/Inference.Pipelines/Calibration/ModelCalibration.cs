namespace Inference.Pipelines;

/// <summary>The calibration a model was loaded with.</summary>
/// <param name="Value">It; null where there is none that can be used.</param>
/// <param name="Problem">Why a calibration that is there cannot be used, as the end of a sentence; null where there is none.</param>
internal sealed record ModelCalibration(CacheCalibration? Value, string? Problem)
{
    public static ModelCalibration None { get; } = new(null, null);
}
