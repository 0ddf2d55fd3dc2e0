namespace Inference.Cli;

/// <summary>How much a check of a device measures.</summary>
/// <param name="IsQuick">Whether it is shortened.</param>
/// <param name="Rows">Batch sizes of the cost curve.</param>
/// <param name="Rounds">Evaluations each median is over.</param>
/// <param name="Clients">Clients of the mixed load.</param>
/// <param name="Requests">Requests of each arm and round of the mixed load.</param>
/// <param name="LoadRounds">Rounds of the mixed load.</param>
/// <param name="Pictures">Pictures that are compared.</param>
/// <param name="Steps">Steps of the caching runs.</param>
internal sealed record DeviceCheckPlan(bool IsQuick, int[] Rows, int Rounds, int Clients, int Requests, int LoadRounds, int Pictures, int Steps)
{
    /// <summary>What is reported.</summary>
    public static DeviceCheckPlan Full { get; } = new(false, [1, 2, 4, 8, 16, 32, 64], 11, 16, 48, 3, 8, 50);

    /// <summary>Everything once, to see that it works.</summary>
    public static DeviceCheckPlan Quick { get; } = new(true, [1, 2, 4, 8], 3, 4, 8, 1, 2, 20);
}
