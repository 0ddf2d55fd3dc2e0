using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Typed access to the values of a JSON file; what is missing or of another type is an error that names file and key. Null counts as missing.</summary>
public sealed class JsonSettings(string path, JsonElement root)
{
    /// <summary>The file, for messages.</summary>
    public string Path { get; } = path;

    /// <exception cref="ModelFolderException">Missing or no string.</exception>
    public string Text(string key) => Find(key) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Expected(key, "a string");

    /// <exception cref="ModelFolderException">Missing or no number.</exception>
    public double Number(string key) => Find(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : throw Expected(key, "a number");

    /// <summary>The number, or a default when the key is missing.</summary>
    /// <exception cref="ModelFolderException">Not a number.</exception>
    public double Number(string key, double missing) => Has(key) ? Number(key) : missing;

    /// <exception cref="ModelFolderException">Missing or no whole number ≥ 1.</exception>
    public int Count(string key) => Find(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var count) && count > 0
        ? count
        : throw Expected(key, "a whole number of at least 1");

    /// <summary>The whole number, or a default when the key is missing.</summary>
    /// <exception cref="ModelFolderException">No whole number ≥ 1.</exception>
    public int Count(string key, int missing) => Has(key) ? Count(key) : missing;

    /// <summary>True or false, or a default when the key is missing.</summary>
    /// <exception cref="ModelFolderException">Neither.</exception>
    public bool Flag(string key, bool missing) => Find(key)?.ValueKind switch
    {
        null => missing,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Expected(key, "true or false"),
    };

    /// <summary>Number of entries of an array.</summary>
    /// <exception cref="ModelFolderException">Missing or no array.</exception>
    public int Length(string key) => Find(key) is { ValueKind: JsonValueKind.Array } value ? value.GetArrayLength() : throw Expected(key, "an array");

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key is an array of nulls: a component that model_index.json says is not there.</summary>
    public bool IsAbsent(string key) => Find(key) is { ValueKind: JsonValueKind.Array } value && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Null);

    private JsonElement? Find(string key) => root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFolderException Expected(string key, string what) => new(Path, $"expected \"{key}\" to be {what}.");
}
