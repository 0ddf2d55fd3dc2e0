using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>A network whose first evaluation of every step is recorded; its outputs are those of the plain run.</summary>
/// <param name="network">The lane to the model.</param>
/// <param name="forms">Forms that give features besides, prepared; the last one gives the output too. Empty where outputs alone are recorded.</param>
/// <param name="record">Where to.</param>
public sealed class RecordingNetwork(INetwork network, ImmutableArray<NetworkVariant> forms, FeatureRecord record) : INetwork
{
    /// <summary>Forms that give everything a transformer's calibration needs.</summary>
    public static ImmutableArray<NetworkVariant> TransformerForms { get; } = [NetworkVariant.Modulated, new(NetworkForm.Head, new(1, 0)), NetworkVariant.TappedStack];

    /// <summary>Scopes whose preparation makes <see cref="TransformerForms"/> ready.</summary>
    public static ImmutableArray<FeatureScope> TransformerScopes { get; } = [FeatureScope.ModulatedStack, FeatureScope.Forecast()];

    /// <inheritdoc/>
    public async ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        if (forms.IsEmpty || rows.Span[0].Position.Stage > 0)
            await network.EvaluateAsync(rows, cancellationToken);
        else
            foreach (var form in forms)
                await network.EvaluateAsync(rows.ToArray().Select(row => row with { Variant = form, Features = record.At(row.Position) }).ToArray(), cancellationToken);
        foreach (var row in rows.Span)
            if (row.Position.Stage == 0)
                record.Add(row.Position, RecordedFeature.Output, row.Output.Values);
    }
}
