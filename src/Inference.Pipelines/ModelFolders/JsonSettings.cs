using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Typed access to the values of a JSON file; what is missing or of another type is an error that names file and key.</summary>
public sealed class JsonSettings(string path, JsonElement root)
{
    /// <summary>The file, for messages.</summary>
    public string Path { get; } = path;

    /// <exception cref="ModelFolderException">Missing or no string.</exception>
    public string Text(string key) => Find(key) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Expected(key, "a string");

    /// <exception cref="ModelFolderException">Missing or no number.</exception>
    public double Number(string key) => Find(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : throw Expected(key, "a number");

    /// <summary>The number, or a default when the key is missing or null.</summary>
    /// <exception cref="ModelFolderException">Not a number.</exception>
    public double Number(string key, double missing) => Find(key) is null or { ValueKind: JsonValueKind.Null } ? missing : Number(key);

    /// <exception cref="ModelFolderException">Missing or no whole number ≥ 1.</exception>
    public int Count(string key) => Find(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var count) && count > 0
        ? count
        : throw Expected(key, "a whole number of at least 1");

    /// <summary>Number of entries of an array.</summary>
    /// <exception cref="ModelFolderException">Missing or no array.</exception>
    public int Length(string key) => Find(key) is { ValueKind: JsonValueKind.Array } value ? value.GetArrayLength() : throw Expected(key, "an array");

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => Find(key) is not null;

    private JsonElement? Find(string key) => root.TryGetProperty(key, out var value) ? value : null;

    private ModelFolderException Expected(string key, string what) => new(Path, $"expected \"{key}\" to be {what}.");
}
