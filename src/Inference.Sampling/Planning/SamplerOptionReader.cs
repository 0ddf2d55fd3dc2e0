using System.Globalization;

namespace Inference.Sampling;

/// <summary>Reads the options of a sampler: from the request, else from the model's settings, else the default.</summary>
internal static class SamplerOptionReader
{
    /// <exception cref="SamplingOptionException">An option is unknown, of another type or out of range.</exception>
    public static SamplerOptionValues Read(
        SamplerDescriptor sampler, IReadOnlyDictionary<string, object> given, SchedulerSettings settings, SchedulerRun run)
    {
        foreach (var name in given.Keys)
            if (sampler.Options.All(option => option.Name != name))
                throw new SamplingOptionException(name, sampler.Options.IsEmpty
                    ? $"'{name}' is not an option of {sampler.Id}, which has none."
                    : $"'{name}' is not an option of {sampler.Id}. Allowed: {string.Join(", ", sampler.Options.Select(option => option.Name))}.");
        var values = sampler.Options.ToDictionary(option => option.Name, option => Value(option, given, settings));
        return new(values) { Prediction = run.Prediction, Clipping = run.Clipping };
    }

    /// <summary>Integers of any type as double.</summary>
    public static object Normalized(object value) => value switch
    {
        int or long or float or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => value,
    };

    private static object Value(SamplerOption option, IReadOnlyDictionary<string, object> given, SchedulerSettings settings)
    {
        if (given.TryGetValue(option.Name, out var requested))
            return Checked(option, Normalized(requested));
        if (!settings.Has(option.Name) || settings[option.Name] is not { } set)
            return option.Default;
        return set is double[] list ? string.Join(',', list.Select(item => item.ToString(CultureInfo.InvariantCulture))) : set;
    }

    /// <summary>The value when it is allowed.</summary>
    /// <exception cref="SamplingOptionException">It is of another type or out of range.</exception>
    public static object Checked(SamplerOption option, object value)
    {
        var problem = (option.Default, value) switch
        {
            (double, double number) => number >= option.Minimum && number <= option.Maximum && (!option.IsInteger || number == Math.Floor(number)) ? null : Range(option),
            (bool, bool) => null,
            (string, string text) => option.Allowed.IsEmpty || option.Allowed.Contains(text) ? null : "one of " + string.Join(", ", option.Allowed),
            (double, _) => Range(option),
            (bool, _) => "true or false",
            _ => option.Allowed.IsEmpty ? "text" : "one of " + string.Join(", ", option.Allowed),
        };
        return problem is null
            ? value
            : throw new SamplingOptionException(option.Name, string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be {problem}, not '{value}'."));
    }

    private static string Range(SamplerOption option) => string.Create(
        CultureInfo.InvariantCulture, $"{(option.IsInteger ? "an integer" : "a number")} between {option.Minimum} and {option.Maximum}");
}
