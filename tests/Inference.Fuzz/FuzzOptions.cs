namespace Inference.Fuzz;

/// <summary>How much is tried.</summary>
public sealed record FuzzOptions
{
    /// <summary>Requests in all.</summary>
    public int Requests { get; init; } = 100_000;

    /// <summary>Request i is the same whenever the seed is.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>No request starts after this.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Connections that send side by side.</summary>
    public int Connections { get; init; } = 8;
}
