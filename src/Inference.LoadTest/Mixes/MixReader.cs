using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>Reads mixes strictly: every problem is found, none is guessed around.</summary>
internal sealed class MixReader
{
    private static readonly string[] OwnNames = ["name", "weight", "prompts_file", "extra"];

    private readonly List<string> _problems = [];
    private readonly string _folder;
    private readonly string _name;

    private MixReader(string folder, string name) => (_folder, _name) = (folder, name);

    /// <exception cref="LoadTestException">Something is wrong.</exception>
    public static Mix Parse(string json, string folder, string name)
    {
        var reader = new MixReader(folder, name);
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var entries = reader.Root(document.RootElement);
            return reader._problems.Count == 0 ? new(name, new(entries)) : throw new LoadTestException(reader._problems);
        }
        catch (JsonException exception)
        {
            throw new LoadTestException($"{name}: not valid JSON: {exception.Message}");
        }
    }

    private List<(MixEntry, double)> Root(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("requests", out var requests) || requests.ValueKind != JsonValueKind.Array || requests.GetArrayLength() == 0)
        {
            Add("", "must be an object with \"requests\": [ ... ], one object for every kind of request");
            return [];
        }
        foreach (var property in root.EnumerateObject().Where(property => property.Name != "requests"))
            Add(property.Name, "unknown field; allowed: requests");
        return [.. requests.EnumerateArray().Select((entry, i) => Entry(entry, i))];
    }

    private (MixEntry, double) Entry(JsonElement entry, int index)
    {
        var path = $"requests[{index}]";
        var fields = new Dictionary<MixField, Weighted<JsonElement>>();
        var (name, weight, extra) = ($"request {index + 1}", 1.0, new List<(string, JsonElement)>());
        if (entry.ValueKind != JsonValueKind.Object)
        {
            Add(path, "must be an object");
            return (new(name, [], []), 1);
        }
        foreach (var property in entry.EnumerateObject())
        {
            var at = $"{path}.{property.Name}";
            if (property.Name == "name")
                name = property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is { Length: > 0 } text ? text : Fallback(name, at, "must be a string that is not empty");
            else if (property.Name == "weight")
                weight = Weight(property.Value, at);
            else if (property.Name == "prompts_file")
                fields[MixField.Prompt] = Prompts(property.Value, at);
            else if (property.Name == "extra")
                extra = Extra(property.Value, at);
            else if (MixField.All.FirstOrDefault(field => field.Name == property.Name) is { } field)
                fields[field] = new(Values(field, property.Value, at));
            else
                Add(at, $"unknown field; allowed: {string.Join(", ", OwnNames.Concat(MixField.All.Select(known => known.Name)))}");
        }
        if (entry.TryGetProperty("prompt", out _) == entry.TryGetProperty("prompts_file", out _))
            Add(path, "must have either prompt or prompts_file");
        // Drawn in the order of the registry, not of the file.
        return (new(name, [.. MixField.All.Where(fields.ContainsKey).Select(field => (field, fields[field]))], extra), weight);
    }

    private List<(JsonElement, double)> Values(MixField field, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return [(Value(field, value, path), 1)];
        if (value.GetArrayLength() == 0)
            Add(path, "must not be an empty list");
        return [.. value.EnumerateArray().Select((choice, i) => Choice(field, choice, $"{path}[{i}]"))];
    }

    private (JsonElement, double) Choice(MixField field, JsonElement choice, string path)
    {
        if (choice.ValueKind != JsonValueKind.Object)
            return (Value(field, choice, path), 1);
        foreach (var property in choice.EnumerateObject().Where(property => property.Name is not ("value" or "weight")))
            Add($"{path}.{property.Name}", "unknown field; allowed: value, weight");
        var weight = choice.TryGetProperty("weight", out var given) ? Weight(given, $"{path}.weight") : 1;
        if (choice.TryGetProperty("value", out var value))
            return (Value(field, value, $"{path}.value"), weight);
        Add(path, "must have a value");
        return (choice.Clone(), weight);
    }

    private JsonElement Value(MixField field, JsonElement value, string path)
    {
        if (!field.Accepts(value))
            Add(path, $"must be {field.Allowed}, not {TextFile.Shorten(value.GetRawText())}");
        return value.Clone();
    }

    private Weighted<JsonElement> Prompts(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
            return new([(value.Clone(), Fallback(1.0, path, "must be the path of a text file, one prompt a line"))]);
        try
        {
            var file = Path.Combine(_folder, value.GetString()!);
            var prompts = TextFile.ReadLines(file, "prompts").Where(line => !string.IsNullOrWhiteSpace(line)).ToArray();
            if (prompts.Length == 0)
                Add(path, $"the prompts file '{file}' has no prompts; it needs one a line");
            return new([.. prompts.Select(prompt => (JsonSerializer.SerializeToElement(prompt), 1.0))]);
        }
        catch (LoadTestException exception)
        {
            Add(path, exception.Message);
            return new([]);
        }
    }

    private List<(string, JsonElement)> Extra(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return Fallback(new List<(string, JsonElement)>(), path, "must be an object of fields for the body");
        foreach (var property in value.EnumerateObject())
            if (MixField.All.FirstOrDefault(field => field.BodyName == property.Name) is { } field)
                Add($"{path}.{property.Name}", $"is a field of the mix itself; write {field.Name} beside extra");
        return [.. value.EnumerateObject().Select(property => (property.Name, property.Value.Clone()))];
    }

    private double Weight(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var weight) && weight is > 0 and <= 1e9
            ? weight
            : Fallback(1.0, path, $"must be a number above 0, not {TextFile.Shorten(value.GetRawText())}");

    private T Fallback<T>(T value, string path, string problem)
    {
        Add(path, problem);
        return value;
    }

    private void Add(string path, string problem) => _problems.Add(path.Length == 0 ? $"{_name}: {problem}" : $"{_name}: {path}: {problem}");
}
