namespace Inference.Pipelines;

/// <summary>Turns a prompt into the fixed-length row of ids that a text encoder takes. Implementations are immutable and thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Ids a row has by default, special tokens and padding included (<c>model_max_length</c>; 77 for CLIP).</summary>
    int MaxLength { get; }

    /// <summary>Encodes a prompt: special tokens around it, cut off or padded to the length asked for.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    /// <param name="maxLength">Ids in the row; null means <see cref="MaxLength"/>. Must leave room for the special tokens.</param>
    /// <returns>Exactly <paramref name="maxLength"/> ids.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the special tokens.</exception>
    TokenizedPrompt Encode(string text, int? maxLength = null);
}
