namespace Inference.Sampling;

/// <summary>One row of a network evaluation: the scaled input, the timestep, the conditioning and where the raw output goes.</summary>
public readonly record struct NetworkRow(Latent Input, double Timestep, Conditioning Conditioning, Latent Output);

/// <summary>The raw network, row by row. Rows of one call are evaluated together; rows of other requests may share the batch.</summary>
public interface INetwork
{
    /// <summary>Evaluates <paramref name="rows"/> atomically and fills their outputs.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; rows that had not started are dropped.</exception>
    ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken);
}
