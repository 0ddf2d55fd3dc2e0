using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>What a user needs to know to choose a cache policy, and what validation, HTTP, CLI and documentation read.</summary>
public sealed record CachePolicyDescriptor
{
    internal CachePolicyDescriptor(Func<CacheRun, CachePlan> plan) => Plan = plan;

    /// <summary>Name in requests.</summary>
    public required string Id { get; init; }

    /// <summary>Name as written in papers.</summary>
    public required string Name { get; init; }

    /// <summary>Other names in requests.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Paper or code the method follows.</summary>
    public required string Source { get; init; }

    /// <summary>Options a request may set.</summary>
    public required ImmutableArray<SamplerOption> Options { get; init; }

    /// <summary>Makes the plan of a run.</summary>
    internal Func<CacheRun, CachePlan> Plan { get; }
}

/// <summary>What a policy plans for.</summary>
/// <param name="Options">Its options, checked.</param>
/// <param name="Steps">Steps of the run, ≥ 1.</param>
/// <param name="IsGuided">Whether each step evaluates a row without the prompt too.</param>
internal readonly record struct CacheRun(SamplerOptionValues Options, int Steps, bool IsGuided);
