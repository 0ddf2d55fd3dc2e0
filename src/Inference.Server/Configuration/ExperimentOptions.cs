namespace Inference.Server;

/// <summary>Experiments and their store.</summary>
public sealed record ExperimentOptions
{
    /// <summary>SQLite file that keeps experiments and results; relative paths start at the program's folder. Made with the first experiment. One process a file.</summary>
    public string File { get; init; } = "experiments.db";

    /// <summary>Experiments that are kept, stopped ones included; beyond that new ones get 429.</summary>
    public int MaxExperiments { get; init; } = 200;

    /// <summary>Requests whose other arms wait to be run; beyond that requests are not paired. Each holds its pictures in memory.</summary>
    public int MaxPendingPairs { get; init; } = 32;
}
