namespace Inference.Experiments;

/// <summary>What an experiment compares and how. Checked by <see cref="DefinitionCheck"/>.</summary>
public sealed record ExperimentDefinition
{
    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What is compared.</summary>
    public required IReadOnlyList<Arm> Arms { get; init; }

    /// <summary>Index of the arm that the others are compared with.</summary>
    public int Reference { get; init; }

    /// <summary>Who keeps an arm.</summary>
    public StickyKey Sticky { get; init; }

    /// <summary>Share of the requests that name no experiment and would fit that take part, 0 to 1.</summary>
    public double DefaultShare { get; init; }

    /// <summary>Which requests also run the other arms.</summary>
    public PairingRule Pairing { get; init; } = new();

    /// <summary>When it ends by itself.</summary>
    public StopRule Stop { get; init; } = new();
}

/// <summary>One of the settings that are compared.</summary>
/// <param name="Name">Unique in its experiment.</param>
/// <param name="Weight">Its part of the requests is weight / sum of weights; finite and above 0.</param>
/// <param name="Options">Options of the request that the arm sets, a JSON object.</param>
public sealed record Arm(string Name, double Weight, string Options);

/// <summary>Who keeps an arm.</summary>
public enum StickyKey
{
    /// <summary>Every request gets an arm of its own.</summary>
    Request,

    /// <summary>All requests of a user get the same arm.</summary>
    User,
}

/// <summary>Which requests also run the other arms with the same seeds.</summary>
/// <param name="Enabled">Whether any do.</param>
/// <param name="Share">Share of the requests that do, above 0 up to 1.</param>
public sealed record PairingRule(bool Enabled = false, double Share = 1);

/// <summary>An experiment and where it stands.</summary>
public sealed record Experiment
{
    public required string Id { get; init; }

    public required ExperimentDefinition Definition { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was stopped; null while it runs.</summary>
    public DateTimeOffset? Stopped { get; init; }

    /// <summary>Why it was stopped; null while it runs.</summary>
    public StopReason? Reason { get; init; }

    public bool IsRunning => Stopped is null;
}

/// <summary>Why an experiment has stopped.</summary>
public enum StopReason
{
    /// <summary>Somebody asked for it.</summary>
    Request,

    /// <summary>A difference is sure.</summary>
    Difference,

    /// <summary>It has as many results as it was to have.</summary>
    MaxResults,
}
