using System.Globalization;
using System.Text.Json;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>Reads the <c>cache</c> field: a policy's name, or an object with its name under <c>policy</c> and its options beside it.</summary>
internal static class CacheField
{
    private const string Name = "cache";
    private const string Policy = "policy";

    /// <summary>What the request asks for; null when it asks for nothing or a problem was added.</summary>
    public static CacheRequest? Read(JsonElement? field, List<RequestProblem> problems)
    {
        if (field is not { ValueKind: not JsonValueKind.Null } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return new(value.GetString()!, new Dictionary<string, object>());
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new(Name, $"'cache' must be the name of a policy or an object with '{Policy}' and its options; policies are {string.Join(", ", CachePolicies.All.Select(known => known.Id))}."));
            return null;
        }
        var options = new Dictionary<string, object>();
        foreach (var option in value.EnumerateObject())
            if (option.Name != Policy && option.Value.ValueKind != JsonValueKind.Null && !options.TryAdd(option.Name, ValueOf(option.Value) ?? ""))
                problems.Add(new(Name, $"'cache.{option.Name}' is given twice."));
            else if (option.Value.ValueKind != JsonValueKind.Null && ValueOf(option.Value) is null)
                problems.Add(new(Name, $"'cache.{option.Name}' must be a number, a string, true, false or an array of numbers."));
        if (value.TryGetProperty(Policy, out var policy) && policy.ValueKind == JsonValueKind.String)
            return new(policy.GetString()!, options);
        problems.Add(new(Name, $"'cache.{Policy}' must be the name of a policy: {string.Join(", ", CachePolicies.All.Select(known => known.Id))}."));
        return null;
    }

    // An array of numbers is what the registry calls a list separated by commas.
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
