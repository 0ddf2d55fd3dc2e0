namespace Inference.Sampling.Tests;

/// <summary>A network of which every value inside is scripted by the place of the row; all four values of a tensor are equal.</summary>
internal sealed class ScriptedNetwork : INetwork
{
    public const int Length = 4;

    /// <summary>The rows of each call by their form.</summary>
    public List<(NetworkForm Form, int Rows)> Calls { get; } = [];

    /// <summary>What the probing forms give.</summary>
    public Func<RowPosition, double> Probed { get; init; } = _ => 1;

    /// <summary>The stream after the first block.</summary>
    public Func<RowPosition, double> Stream { get; init; } = _ => 0;

    /// <summary>The output of the whole network, which is its last stream too.</summary>
    public Func<RowPosition, double> Output { get; init; } = position => position.Step;

    /// <summary>The output of the last block's branch.</summary>
    public Func<RowPosition, double> LastModule { get; init; } = position => position.Step;

    public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        Calls.Add((Assert.Single(rows.ToArray().Select(row => row.Variant).Distinct()).Form, rows.Length));
        foreach (var row in rows.Span)
            row.Output.Values.Fill((float)Evaluate(row));
        return ValueTask.CompletedTask;
    }

    // A batch that failed is evaluated again: what is received twice must count once.
    private double Evaluate(in NetworkRow row)
    {
        Give(row);
        return Give(row);
    }

    private double Give(in NetworkRow row)
    {
        var (place, variant) = (row.Position, row.Variant);
        switch (variant.Form)
        {
            case NetworkForm.Modulated:
                Receive(row, 0, Probed(place));
                return double.NaN;
            case NetworkForm.Head:
                Receive(row, 0, Probed(place));
                Receive(row, 1, Stream(place));
                return double.NaN;
            case NetworkForm.Body:
                Receive(row, 0, Output(place) - Provided(row, 0));
                return Output(place);
            case NetworkForm.Tail:
                return Provided(row, 0) + Provided(row, 1);
            case NetworkForm.TappedStack:
                Receive(row, 0, Output(place));
                return Output(place);
            case NetworkForm.TappedModules:
                Receive(row, 0, Output(place));
                Receive(row, 1, LastModule(place));
                return Output(place);
            case NetworkForm.VerifiedModules:
                Receive(row, 0, LastModule(place));
                return Provided(row, 0);
            case NetworkForm.CachedStack or NetworkForm.CachedModules or NetworkForm.CachedDeep:
                return Provided(row, 0);
            default:
                return Output(place);
        }
    }

    private static void Receive(in NetworkRow row, int index, double value) => row.Features!.Receive(row.Variant, index, Enumerable.Repeat((float)value, Length).ToArray());

    private static double Provided(in NetworkRow row, int index)
    {
        var values = new float[Length];
        row.Features!.Provide(row.Variant, index, values);
        return values[0];
    }
}
