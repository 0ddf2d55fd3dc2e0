using System.Globalization;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>Options of a sampler, a cache policy or a parallel method as they are typed: name=value.</summary>
internal static class NamedOptions
{
    /// <summary>The options by name: numbers, true or false, or text; null when there are none.</summary>
    /// <exception cref="CommandException">One is not of that form.</exception>
    public static Dictionary<string, object>? Read(string flag, string[]? options) => options is not { Length: > 0 } ? null : options.Select(option => option.Split('=', 2) is [var name, var value]
        ? (Name: name, Value: double.TryParse(value, CultureInfo.InvariantCulture, out var number) && !value.Contains(',') ? number : bool.TryParse(value, out var boolean) ? boolean : (object)value)
        : throw new CommandException($"{flag} must be name=value, not '{option}'.")).ToDictionary(option => option.Name, option => option.Value);

    /// <summary>The parallel method with its options; null when none is named.</summary>
    /// <exception cref="CommandException">Options are given without a method, or are not of that form.</exception>
    public static ParallelRequest? ReadParallel(string? method, string[]? options)
    {
        var values = Read("--parallel-option", options);
        if (method is not null)
            return new(method, values ?? []);
        return values is null ? null : throw new CommandException("--parallel-option needs --parallel.");
    }

    /// <summary>The cache policy with its options; null when none is named.</summary>
    /// <exception cref="CommandException">Options are given without a policy, or are not of that form.</exception>
    public static CacheRequest? ReadCache(string? policy, string[]? options)
    {
        var values = Read("--cache-option", options);
        if (policy is not null)
            return new(policy, values ?? []);
        return values is null ? null : throw new CommandException("--cache-option needs --cache.");
    }
}
