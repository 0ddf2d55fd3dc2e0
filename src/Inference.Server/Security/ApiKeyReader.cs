using System.Text.RegularExpressions;

namespace Inference.Server;

/// <summary>Reads keys from the configuration and the key file. Errors name holders and lines, never keys.</summary>
internal static partial class ApiKeyReader
{
    private const int MinLength = 16;
    private const int MaxLength = 512;

    /// <summary>Every key with its holder.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(KeyOptions options, List<string> errors)
    {
        var keys = options.Secrets.ToList();
        foreach (var (name, _) in keys.Where(key => !HolderName().IsMatch(key.Key)))
            errors.Add($"Inference:Keys:Secrets: '{name}' is no name of a holder: letters, digits, - and _, at most 64.");
        keys.AddRange(ReadFile(options.File, errors));
        foreach (var (name, key) in keys.Where(key => key.Value is null || key.Value.Length is < MinLength or > MaxLength || key.Value.Any(c => c is <= ' ' or > '~')))
            errors.Add($"Inference:Keys: the key of '{name}' must have {MinLength} to {MaxLength} printable ASCII characters without blanks.");
        foreach (var twice in keys.GroupBy(key => key.Key, StringComparer.Ordinal).Where(group => group.Count() > 1))
            errors.Add($"Inference:Keys: '{twice.Key}' is given twice.");
        foreach (var same in keys.GroupBy(key => key.Value, StringComparer.Ordinal).Where(group => group.Select(key => key.Key).Distinct().Count() > 1))
            errors.Add($"Inference:Keys: {string.Join(" and ", same.Select(key => $"'{key.Key}'"))} have the same key.");
        return keys;
    }

    private static IEnumerable<KeyValuePair<string, string>> ReadFile(string? path, List<string> errors)
    {
        if (path is null)
            yield break;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add($"Inference:Keys:File cannot be read: {exception.Message}");
            yield break;
        }
        for (var i = 0; i < lines.Length; i++)
        {
            var parts = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 || parts[0].StartsWith('#'))
                continue;
            if (parts.Length == 2 && HolderName().IsMatch(parts[0]))
                yield return new(parts[0], parts[1]);
            else
                errors.Add($"Inference:Keys:File, line {i + 1}: expected the name of a holder (letters, digits, - and _, at most 64), blanks, and a key.");
        }
        if (lines.All(line => line.Trim() is "" or ['#', ..]))
            errors.Add("Inference:Keys:File has no keys.");
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex HolderName();
}
