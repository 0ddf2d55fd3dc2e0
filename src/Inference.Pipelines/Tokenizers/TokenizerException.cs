namespace Inference.Pipelines;

/// <summary>A tokenizer's file is missing, broken or of a kind that is not supported.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="message">What was expected there.</param>
public sealed class TokenizerException(string file, string message, Exception? inner = null)
    : Exception($"{file}: {message}", inner)
{
    /// <summary>Path of the file.</summary>
    public string File { get; } = file;
}
