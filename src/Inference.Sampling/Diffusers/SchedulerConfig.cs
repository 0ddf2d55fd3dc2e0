using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Inference.Sampling;

/// <summary>A scheduler configuration names an unknown class or setting, or a value that is not supported.</summary>
public sealed class SchedulerConfigException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The contents of a diffusers <c>scheduler_config.json</c>: the scheduler class a model was published with and the settings given explicitly;
/// others have the defaults of the class. Checked when it is made, all problems at once.
/// </summary>
public sealed partial class SchedulerConfig
{
    private SchedulerConfig(string className, ImmutableDictionary<string, object?> values) => (ClassName, Values) = (className, values);

    /// <summary>Name of the diffusers class, e.g. <c>PNDMScheduler</c>.</summary>
    public string ClassName { get; }

    // double, bool, string, double[] or null by name; keys that start with "_" are left out.
    internal ImmutableDictionary<string, object?> Values { get; }

    /// <summary>Reads the text of a <c>scheduler_config.json</c>. Python's bare Infinity and NaN are understood.</summary>
    /// <exception cref="SchedulerConfigException">Not JSON, no <c>_class_name</c>, or as <see cref="Create"/>.</exception>
    public static SchedulerConfig Parse(string json)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(BareNumber().Replace(json, "\"$1\"")).RootElement;
        }
        catch (JsonException exception)
        {
            throw new SchedulerConfigException($"The scheduler configuration is not valid JSON: {exception.Message}", exception);
        }
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("_class_name", out var name) || name.ValueKind != JsonValueKind.String)
            throw new SchedulerConfigException("The scheduler configuration has no '_class_name', the name of a diffusers scheduler class.");
        return Create(name.GetString()!, root);
    }

    /// <summary>Makes a configuration of a class from a JSON object of settings.</summary>
    /// <exception cref="SchedulerConfigException">The class is unknown, a setting is one that no diffusers scheduler has, or a value is not
    /// supported. Settings of other scheduler classes are tolerated and left unused, as diffusers does.</exception>
    public static SchedulerConfig Create(string className, JsonElement settings)
    {
        var scheduler = DiffusersSchedulers.Find(className) ?? throw new SchedulerConfigException(
            $"Scheduler class '{className}' is not supported. Supported: {string.Join(", ", DiffusersSchedulers.ClassNames)}.");
        var values = settings.EnumerateObject().Where(property => !property.Name.StartsWith('_'))
            .ToImmutableDictionary(property => property.Name, property => Value(property.Name, property.Value));
        var config = new SchedulerConfig(className, values);
        var problems = values.Keys.Where(name => !KnownSettings.Contains(name)).Order()
            .Select(name => $"'{name}' is not a setting of any diffusers scheduler")
            .Concat(SchedulerSettings.Problems(scheduler, values)).ToArray();
        return problems.Length == 0
            ? config
            : throw new SchedulerConfigException($"{className}: {string.Join("; ", problems)}.");
    }

    private static object? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => Number(value.GetString()!) ?? (object)value.GetString()!,
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            value.EnumerateArray().Select(item => item.GetDouble()).ToArray(),
        _ => throw new SchedulerConfigException($"Setting '{name}' must be a number, a name, true, false, null or a list of numbers."),
    };

    private static double? Number(string text) => text.TrimStart('-').ToLowerInvariant() switch
    {
        "inf" or "infinity" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
        "nan" => double.NaN,
        _ => null,
    };

    [GeneratedRegex("(?<=[:\\[,]\\s*)(-?Infinity|NaN)(?=\\s*[,}\\]])")]
    private static partial Regex BareNumber();
}
