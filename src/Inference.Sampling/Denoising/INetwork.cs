namespace Inference.Sampling;

/// <summary>One row of a network evaluation: the scaled input, the timestep, the conditioning and where the raw output goes.</summary>
public readonly record struct NetworkRow(Latent Input, double Timestep, Conditioning Conditioning, Latent Output)
{
    /// <summary>Where in its run the row is evaluated.</summary>
    public RowPosition Position { get; init; }

    /// <summary>Form of the network it is evaluated by.</summary>
    public NetworkVariant Variant { get; init; }

    /// <summary>What it exchanges with a form other than the full network; null where it exchanges nothing.</summary>
    public IFeatures? Features { get; init; }
}

/// <summary>Where in a run a row is evaluated.</summary>
/// <param name="Branch">The side of guidance.</param>
/// <param name="Step">Step of the trajectory, from 0.</param>
/// <param name="Stage">Evaluation within the step, from 0.</param>
public readonly record struct RowPosition(GuidanceBranch Branch, int Step, int Stage);

/// <summary>The sides of guidance.</summary>
public enum GuidanceBranch
{
    /// <summary>With the prompt.</summary>
    Conditional,

    /// <summary>With the negative prompt.</summary>
    Unconditional,
}

/// <summary>The raw network, row by row. Rows of one call are evaluated together; rows of other requests may share the batch.</summary>
public interface INetwork
{
    /// <summary>Evaluates <paramref name="rows"/>, all of one variant, atomically and fills their outputs.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; rows that had not started are dropped.</exception>
    ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken);
}
