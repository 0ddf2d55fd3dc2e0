using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>All settings of a scheduler class, those not given filled with the class's defaults.</summary>
internal sealed class SchedulerSettings
{
    private readonly ImmutableDictionary<string, object?> _values;

    private SchedulerSettings(ImmutableDictionary<string, object?> values) => _values = values;

    /// <summary>Settings of a class from explicitly given values; values of other classes' settings are left out.</summary>
    /// <exception cref="SchedulerConfigException">A value is not supported.</exception>
    public static SchedulerSettings Of(IDiffusersScheduler scheduler, ImmutableDictionary<string, object?> given)
    {
        var problems = Problems(scheduler, given).ToArray();
        if (problems.Length > 0)
            throw new SchedulerConfigException($"{scheduler.ClassName}: {string.Join("; ", problems)}.");
        return new(scheduler.Settings.ToImmutableDictionary(
            setting => setting.Name,
            setting => given.TryGetValue(setting.Name, out var value) && !(value is string name && setting.Replaced.Contains(name)) ? value : setting.Default));
    }

    /// <summary>What is wrong with the given values for a class; nothing when it can be used.</summary>
    public static IEnumerable<string> Problems(IDiffusersScheduler scheduler, ImmutableDictionary<string, object?> given) =>
        from setting in scheduler.Settings
        where given.ContainsKey(setting.Name)
        let problem = setting.Problem(given[setting.Name])
        where problem is not null
        select $"{setting.Name} {problem}";

    public bool Has(string name) => _values.ContainsKey(name);

    public object? this[string name] => _values[name];

    public double Number(string name) => (double)_values[name]!;

    public double? OptionalNumber(string name) => (double?)_values[name];

    public int Integer(string name) => (int)Number(name);

    public bool Flag(string name) => (bool)_values[name]!;

    /// <summary>The flag, or false where the class does not have it.</summary>
    public bool FlagOrFalse(string name) => _values.TryGetValue(name, out var value) && value is true;

    public string Text(string name) => (string)_values[name]!;

    public double[]? Numbers(string name) => (double[]?)_values[name];
}
