using System.Collections.Frozen;
using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// The providers a process uses, resolved once at start from the ordered list in its configuration. A provider that cannot be loaded is an error,
/// or, when a later one in the list serves, one warning that names it.
/// </summary>
public sealed class ExecutionProviders
{
    private static readonly FrozenDictionary<string, IExecutionProvider> Registry =
        new IExecutionProvider[] { new CpuProvider(), new CudaProvider() }.ToFrozenDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);

    private readonly List<(IExecutionProvider Provider, ProviderOptions Options)> _usable;

    private ExecutionProviders(List<(IExecutionProvider Provider, ProviderOptions Options)> usable, IReadOnlyList<string> warnings) =>
        (_usable, Warnings, Memory) = (usable, warnings, usable[0].Provider.MemoryOf(usable[0].Options));

    /// <summary>Names a configuration may use.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Registry.Keys.Order()];

    /// <summary>One message for every provider that was passed over.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Names of the providers in use, in order.</summary>
    public IReadOnlyList<string> Names => [.. _usable.Select(entry => entry.Provider.Name)];

    /// <exception cref="ArgumentException">The list is empty, has an unknown name, or a name twice.</exception>
    /// <exception cref="ProviderUnavailableException">No provider of the list can be used.</exception>
    public static ExecutionProviders Resolve(IReadOnlyList<ProviderOptions> ordered)
    {
        if (ordered.Count == 0)
            throw new ArgumentException($"The list of execution providers is empty; allowed are: {string.Join(", ", Known)}.");
        var usable = new List<(IExecutionProvider, ProviderOptions)>();
        var failures = new List<ProviderUnavailableException>();
        foreach (var options in ordered)
        {
            if (!Registry.TryGetValue(options.Name, out var provider))
                throw new ArgumentException($"Unknown execution provider '{options.Name}'; allowed are: {string.Join(", ", Known)}.");
            if (ordered.Count(other => string.Equals(other.Name, options.Name, StringComparison.OrdinalIgnoreCase)) > 1)
                throw new ArgumentException($"Execution provider '{options.Name}' is listed twice.");
            try
            {
                provider.Load(options);
                usable.Add((provider, options));
            }
            catch (ProviderUnavailableException exception)
            {
                failures.Add(exception);
            }
        }
        return usable.Count > 0 ? new(usable, [.. failures.Select(failure => failure.Message)]) : throw failures[0];
    }

    /// <summary>Tries every provider there is.</summary>
    /// <param name="options">Options by the name of a provider; the others are tried with their defaults.</param>
    public static IReadOnlyList<ProviderReport> Survey(IReadOnlyList<ProviderOptions> options) => [.. Known.Select(name =>
    {
        var (provider, own) = (Registry[name], options.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase)) ?? new() { Name = name });
        try
        {
            var resolved = Resolve([own]);
            return new ProviderReport(name, provider.Devices, provider.LibraryOf(own), [.. Enum.GetValues<Precision>().Where(precision => PrecisionKernels.WhyNot(precision, resolved) is null)], null);
        }
        catch (ProviderUnavailableException exception)
        {
            return new(name, [], provider.LibraryOf(own), [], exception.Reason);
        }
    })];

    /// <summary>Options of the first of them.</summary>
    internal ProviderOptions First => _usable[0].Options;

    /// <summary>Batch sizes the first of them wants.</summary>
    public BatchBuckets Buckets => _usable[0].Provider.Buckets;

    /// <summary>Memory of the first one's device; null where that is the host's.</summary>
    internal ITensorMemory? Memory { get; }

    /// <summary>Whether the first of them can record launches.</summary>
    internal bool CapturesGraphs => _usable[0].Provider.CapturesGraphs(_usable[0].Options);

    /// <summary>A provider that is not in the registry.</summary>
    internal static ExecutionProviders Of(IExecutionProvider provider) => new([(provider, new() { Name = provider.Name })], []);

    internal void AppendTo(SessionOptions session, bool captures)
    {
        foreach (var (provider, options) in _usable)
            provider.Append(session, options, captures && provider == _usable[0].Provider);
    }
}
