using System.Globalization;
using System.Text.Json;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>Reads a tokenizer's files so that whatever is wrong with one is a <see cref="TokenizerException"/> naming it.</summary>
internal sealed class TokenizerFile(string path)
{
    // The largest published tokenizer.json files have some 35 MB.
    private const long LargestFile = 128L << 20;

    public string Path { get; } = path;

    public static TokenizerFile In(string folder, string name) => new(System.IO.Path.Combine(folder, name));

    public bool Exists => File.Exists(Path);

    public byte[] ReadBytes(string expected)
    {
        try
        {
            if (File.Exists(Path) && RealPath.LengthOf(Path) is var length && length > LargestFile)
                throw Error($"expected {expected} of at most {LargestFile >> 20} MiB, found {length >> 20} MiB");
            return File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(Path, $"expected {expected}, but the file cannot be read ({e.Message})", e);
        }
    }

    /// <summary>The file's JSON object, detached from the parser.</summary>
    public JsonElement ReadObject(string expected)
    {
        try
        {
            using var document = JsonDocument.Parse(ReadBytes(expected));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Error($"expected {expected}: a JSON object, found {document.RootElement.ValueKind}");
        }
        catch (JsonException e)
        {
            throw new TokenizerException(Path, $"expected {expected}: a JSON object ({e.Message})", e);
        }
    }

    /// <summary>The member's value, or an error naming the member and its kind.</summary>
    public JsonElement Member(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw Error($"expected '{name}' to be a JSON {kind.ToString().ToLowerInvariant()}");

    /// <summary>A non-negative whole number that fits an id.</summary>
    public int Id(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id >= 0
            ? id
            : throw Error($"expected {what} to be a whole number from 0 to {int.MaxValue.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>A string that is whole UTF-16 text.</summary>
    public string Text(JsonElement value, string what)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Error($"expected {what} to be a string");
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException(Path, $"expected {what} to be a string of whole Unicode characters", e);
        }
    }

    public bool Flag(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public TokenizerException Error(string message) => new(Path, message);
}
