namespace Inference.Pipelines;

/// <summary>
/// The 256 printable characters that stand for bytes in byte-level vocabularies (GPT-2 <c>bytes_to_unicode</c>):
/// printable Latin-1 characters stand for themselves, the other bytes in order for U+0100, U+0101, ...
/// </summary>
internal static class ByteLevelAlphabet
{
    /// <summary>Character of each byte.</summary>
    public static IReadOnlyList<char> Characters { get; } = Build();

    private static char[] Build()
    {
        var characters = new char[256];
        var next = 256;
        for (var b = 0; b < characters.Length; b++)
        {
            var isPrintable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[b] = (char)(isPrintable ? b : next++);
        }
        return characters;
    }
}
