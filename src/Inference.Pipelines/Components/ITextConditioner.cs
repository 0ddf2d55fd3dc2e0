using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Turns a prompt into what the network is conditioned on.</summary>
public interface ITextConditioner : IDisposable
{
    /// <summary>Encodes one prompt.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    Task<EncodedPrompt> EncodeAsync(string prompt, CancellationToken cancellationToken);
}

/// <summary>A prompt's conditioning.</summary>
/// <param name="Conditioning">The network inputs.</param>
/// <param name="Tokens">Tokens the prompt has within the model's limit.</param>
/// <param name="Truncated">Whether the prompt was longer than the model reads.</param>
public sealed record EncodedPrompt(Conditioning Conditioning, int Tokens, bool Truncated);
