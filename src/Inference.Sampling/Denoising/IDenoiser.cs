namespace Inference.Sampling;

/// <summary>One question to the denoiser: predict the clean data in <paramref name="X"/> at <paramref name="Level"/> and store it in <paramref name="Clean"/>.</summary>
public readonly record struct DenoiseQuery(Latent X, NoiseLevel Level, Latent Clean);

/// <summary>
/// The guided denoiser D(x, level) as samplers see it: predicted clean data (x0), whatever the network itself predicts. One call is one
/// "evaluation" a query. A denoiser belongs to one request and is used by one caller at a time.
/// </summary>
public interface IDenoiser
{
    /// <summary>Evaluates one query. <paramref name="clean"/> must not be <paramref name="x"/>.</summary>
    /// <exception cref="OperationCanceledException">The request was cancelled; nothing stays queued.</exception>
    ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken);

    /// <summary>Evaluates a group atomically: all rows are handed to the device together (Picard windows).</summary>
    /// <exception cref="OperationCanceledException">The request was cancelled; nothing stays queued.</exception>
    ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken);
}
