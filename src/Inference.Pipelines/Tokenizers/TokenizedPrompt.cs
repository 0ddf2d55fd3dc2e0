namespace Inference.Pipelines;

/// <summary>A prompt as a text encoder takes it.</summary>
/// <param name="Ids">Token ids, special tokens and padding included.</param>
/// <param name="Length">How many of them come before the padding; the attention mask is 1 for these and 0 after.</param>
/// <param name="Truncated">Whether the end of the prompt was cut off to fit.</param>
public sealed record TokenizedPrompt(long[] Ids, int Length, bool Truncated)
{
    /// <summary>The attention mask: 1 for each token, 0 for padding.</summary>
    public long[] Mask()
    {
        var mask = new long[Ids.Length];
        mask.AsSpan(0, Length).Fill(1);
        return mask;
    }

    /// <summary>Puts the special tokens around the content, cuts the content to fit, and pads on the right.</summary>
    internal static TokenizedPrompt Frame(
        ReadOnlySpan<int> before, ReadOnlySpan<int> content, ReadOnlySpan<int> after, int pad, int maxLength)
    {
        var room = maxLength - before.Length - after.Length;
        if (room < 0)
            throw new ArgumentOutOfRangeException(
                nameof(maxLength), maxLength, $"A row must hold at least the {before.Length + after.Length} special tokens.");

        var ids = new long[maxLength];
        var length = 0;
        Append(before, ids, ref length);
        Append(content[..Math.Min(room, content.Length)], ids, ref length);
        Append(after, ids, ref length);
        ids.AsSpan(length).Fill(pad);
        return new TokenizedPrompt(ids, length, content.Length > room);
    }

    private static void Append(ReadOnlySpan<int> part, long[] ids, ref int length)
    {
        foreach (var id in part)
            ids[length++] = id;
    }
}
