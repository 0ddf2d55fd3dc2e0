using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>What a user needs to know to choose a parallel method, and what validation, HTTP, CLI and documentation read.</summary>
public sealed record ParallelMethodDescriptor
{
    internal ParallelMethodDescriptor(Func<ParallelMaking, IParallelMethod> create, Func<int, int, int> evaluations) => (Create, Evaluations) = (create, evaluations);

    /// <summary>Name in requests.</summary>
    public required string Id { get; init; }

    /// <summary>Name as written in papers.</summary>
    public required string Name { get; init; }

    /// <summary>Other names in requests.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Paper or code the method follows.</summary>
    public required string Source { get; init; }

    /// <summary>What a group of evaluations is made of.</summary>
    public required string Group { get; init; }

    /// <summary>Whether its result at tolerance 0 is that of the sampler's plain run.</summary>
    public bool IsExactAtZero { get; init; } = true;

    /// <summary>Whether the sampler may add noise.</summary>
    public bool AllowsNoise { get; init; } = true;

    /// <summary>The only sampler it can be used with; null: every one that can be taken step by step.</summary>
    public string? Sampler { get; init; }

    /// <summary>The samplers it can be used with.</summary>
    public IEnumerable<string> Samplers => Sampler is { } only
        ? [only]
        : SamplerRegistry.All.Where(known => known.AllowsParallelWindow && (AllowsNoise || !known.IsStochastic)).Select(known => known.Id);

    /// <summary>Whether it needs a model that comes with a consistency model.</summary>
    public bool NeedsConsistencyModel { get; init; }

    /// <summary>Whether it can start from the states of a former run, and its states be kept.</summary>
    public bool KeepsStates { get; init; } = true;

    /// <summary>Options a request may set, <c>tolerance</c> and <c>window</c> among them.</summary>
    public required ImmutableArray<SamplerOption> Options { get; init; }

    /// <summary>Predicts evaluations by steps and width, for admission.</summary>
    internal Func<int, int, int> Evaluations { get; }

    internal Func<ParallelMaking, IParallelMethod> Create { get; }
}

/// <summary>What a method is made for.</summary>
/// <param name="Options">Its options, checked.</param>
/// <param name="Trajectory">The levels of the run.</param>
internal readonly record struct ParallelMaking(SamplerOptionValues Options, Trajectory Trajectory)
{
    /// <summary>Allowed change by position, in units of the noise.</summary>
    public Convergence ByNoise => Convergence.ByNoise(Options.Number("tolerance"), Trajectory);

    /// <summary>Allowed change by position, in units of the state.</summary>
    public Convergence ByState => Convergence.ByState(Options.Number("tolerance"), Trajectory);
}
