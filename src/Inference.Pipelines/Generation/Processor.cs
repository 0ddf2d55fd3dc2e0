using System.Runtime.InteropServices;

namespace Inference.Pipelines;

/// <summary>The processor of this machine.</summary>
internal static class Processor
{
    private const string Information = "/proc/cpuinfo";

    /// <summary>Model, architecture and number of cores, the same on machines of one kind.</summary>
    public static string Description { get; } = $"{Model()}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores";

    private static string Model() => File.Exists(Information)
        ? File.ReadLines(Information).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? "unknown processor"
        : RuntimeInformation.OSDescription;
}
