using System.Globalization;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Reads a field that chooses from a registry: a name, or an object with the name under a key and options beside it.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="Key">Key of the name in an object.</param>
/// <param name="Kind">What is chosen, for messages: a policy, a method.</param>
/// <param name="Known">The names there are.</param>
internal sealed record ChoiceField(string Name, string Key, string Kind, IEnumerable<string> Known)
{
    /// <summary>The name and the options; null when the request asks for nothing or a problem was added.</summary>
    public (string Choice, IReadOnlyDictionary<string, object> Options)? Read(JsonElement? field, List<RequestProblem> problems)
    {
        if (field is not { ValueKind: not JsonValueKind.Null } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return (value.GetString()!, new Dictionary<string, object>());
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new(Name, $"'{Name}' must be the name of a {Kind} or an object with '{Key}' and its options; there are {string.Join(", ", Known)}."));
            return null;
        }
        var options = new Dictionary<string, object>();
        foreach (var option in value.EnumerateObject())
            if (option.Name != Key && option.Value.ValueKind != JsonValueKind.Null && !options.TryAdd(option.Name, ValueOf(option.Value) ?? ""))
                problems.Add(new(Name, $"'{Name}.{option.Name}' is given twice."));
            else if (option.Value.ValueKind != JsonValueKind.Null && ValueOf(option.Value) is null)
                problems.Add(new(Name, $"'{Name}.{option.Name}' must be a number, a string, true, false or an array of numbers."));
        if (value.TryGetProperty(Key, out var choice) && choice.ValueKind == JsonValueKind.String)
            return (choice.GetString()!, options);
        problems.Add(new(Name, $"'{Name}.{Key}' must be the name of a {Kind}: {string.Join(", ", Known)}."));
        return null;
    }

    // An array of numbers is what the registries call a list separated by commas.
    private static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            string.Join(',', value.EnumerateArray().Select(item => item.GetDouble().ToString("R", CultureInfo.InvariantCulture))),
        _ => null,
    };
}
