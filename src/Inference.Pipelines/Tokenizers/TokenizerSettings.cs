using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Members of tokenizer_config.json that every tokenizer has.</summary>
internal static class TokenizerSettings
{
    private const int LongestRow = 65_536;

    /// <summary>
    /// <c>model_max_length</c>: ids in a row. Without it, or with the astronomic number that stands for "none" in published
    /// files, the length of the encoder's input would be a guess.
    /// </summary>
    public static int MaxLength(TokenizerFile file, JsonElement config)
    {
        var value = file.Member(config, "model_max_length", JsonValueKind.Number);
        return value.TryGetDouble(out var length) && length is >= 2 and <= LongestRow && length == Math.Floor(length)
            ? (int)length
            : throw file.Error($"expected 'model_max_length' to be a whole number from 2 to {LongestRow}, found {value.GetRawText()}");
    }
}
