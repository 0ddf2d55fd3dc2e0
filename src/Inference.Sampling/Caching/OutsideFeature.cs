using System.Buffers;

namespace Inference.Sampling;

/// <summary>Features that are found outside the network: what is kept of an output, and how an output follows from it.</summary>
internal static class OutsideFeature
{
    /// <summary>Keeps what a full row gave.</summary>
    /// <param name="kind">What is kept.</param>
    /// <param name="state">Where.</param>
    /// <param name="row">The row, its output filled.</param>
    /// <param name="prompted">The row with the prompt of the same evaluation, its output filled; for <see cref="FeatureKind.GuidanceDelta"/>.</param>
    public static void Record(FeatureKind kind, FeatureState state, in NetworkRow row, in NetworkRow prompted)
    {
        var output = row.Output.Values;
        if (kind == FeatureKind.Output)
        {
            state.Renew(0, output);
            return;
        }
        var feature = ArrayPool<float>.Shared.Rent(output.Length);
        var more = kind == FeatureKind.GuidanceDelta ? prompted.Output.Values : output;
        var less = kind == FeatureKind.GuidanceDelta ? output : row.Input.Values;
        for (var i = 0; i < output.Length; i++)
            feature[i] = more[i] - less[i];
        state.Renew(0, feature.AsSpan(0, output.Length));
        ArrayPool<float>.Shared.Return(feature);
    }

    /// <summary>Predicts the output of a row that was not evaluated.</summary>
    public static void Predict(FeatureKind kind, FeatureState state, in NetworkRow row, in NetworkRow prompted)
    {
        var output = row.Output.Values;
        state.Predict(0, output);
        if (kind == FeatureKind.Output)
            return;
        var other = kind == FeatureKind.GuidanceDelta ? prompted.Output.Values : row.Input.Values;
        var sign = kind == FeatureKind.GuidanceDelta ? -1 : 1;
        for (var i = 0; i < output.Length; i++)
            output[i] = other[i] + sign * output[i];
    }
}
