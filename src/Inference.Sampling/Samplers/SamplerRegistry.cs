using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>All samplers. The HTTP API, the command line, validation and documentation read this list; nothing is listed twice.</summary>
public static class SamplerRegistry
{
    private static readonly FrozenDictionary<string, (SamplerDescriptor Sampler, SamplerAlias? Alias)> _byName;

    static SamplerRegistry()
    {
        All =
        [
            .. SigmaSpaceSamplers.All,
            .. TableSamplers.All,
            .. DpmSamplers.All,
            .. MultistepSamplers.All,
            .. PaperSamplers.All,
            .. FewStepSamplers.All,
            .. KDiffusionSamplers.All,
        ];
        // A name that two samplers claim throws here: it is a mistake in the lists above.
        _byName = All.SelectMany(sampler => sampler.Aliases.Select(alias => (alias.Name, (sampler, (SamplerAlias?)alias))).Prepend((sampler.Id, (sampler, null))))
            .ToFrozenDictionary(entry => entry.Item1, entry => entry.Item2, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Every sampler, related ones together.</summary>
    public static ImmutableArray<SamplerDescriptor> All { get; }

    /// <summary>The sampler with an id or an alias, matched without regard to case; null when there is none.</summary>
    public static SamplerDescriptor? Find(string nameOrAlias) => _byName.TryGetValue(nameOrAlias, out var found) ? found.Sampler : null;

    /// <summary>The alias by which <see cref="Find"/> knows a name; null for ids and unknown names.</summary>
    public static SamplerAlias? FindAlias(string nameOrAlias) => _byName.TryGetValue(nameOrAlias, out var found) ? found.Alias : null;

    internal static SamplerDescriptor Get(string id) => _byName[id].Sampler;
}
