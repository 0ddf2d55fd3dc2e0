using Inference.Batching;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The configuration cannot be used; all errors at once.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}

/// <summary>Reads and checks the configuration at start-up.</summary>
internal static class ServerOptionsValidator
{
    /// <exception cref="ConfigurationException">Unknown keys, values of the wrong type or out of range.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        ServerOptions options;
        try
        {
            options = configuration.GetSection(ServerOptions.Section).Get<ServerOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
        }
        catch (InvalidOperationException exception)
        {
            // The message has the value that cannot be read.
            if (exception.Message.Contains($"{ServerOptions.Section}:{nameof(ServerOptions.Keys)}", StringComparison.OrdinalIgnoreCase))
                throw new ConfigurationException([$"{ServerOptions.Section}:{nameof(ServerOptions.Keys)}: a value or a key of the configuration is not of the form that is expected there."]);
            throw new ConfigurationException([$"{ServerOptions.Section}: {exception.Message} {exception.InnerException?.Message}".TrimEnd()]);
        }
        var errors = Errors(options).ToArray();
        return errors.Length == 0 ? options : throw new ConfigurationException(errors);
    }

    private static IEnumerable<string> Errors(ServerOptions options)
    {
        foreach (var name in options.Providers.Concat(options.ProviderOptions.Keys))
            if (!ExecutionProviders.Known.Contains(name, StringComparer.OrdinalIgnoreCase))
                yield return $"Inference:Providers: unknown execution provider '{name}'; allowed are {string.Join(", ", ExecutionProviders.Known)}.";
        if (Precisions.Find(options.Networks.Precision) is null)
            yield return $"Inference:Networks:Precision: unknown precision '{options.Networks.Precision}'; allowed are {string.Join(", ", Precisions.Names)}.";
        if (!Enum.IsDefined(options.Networks.Attention))
            yield return $"Inference:Networks:Attention must be {string.Join(" or ", Enum.GetNames<AttentionForm>())}.";
        foreach (var twice in options.Providers.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            yield return $"Inference:Providers: '{twice.Last()}' is listed twice.";
        foreach (var (name, value, least, most) in new (string, double, double, double)[]
        {
            ("Threads:IntraOp", options.Threads.IntraOp, 0, 1024),
            ("Batching:MaxRows", options.Batching.MaxRows, 1, 1024),
            ("Batching:GuardMilliseconds", options.Batching.GuardMilliseconds, 0, 60_000),
            ("Queue:MaxRunning", options.Queue.MaxRunning, 1, 1024),
            ("Batching:CostBudgetMilliseconds", options.Batching.CostBudgetMilliseconds, 0, 600_000),
            ("Queue:MaxQueuedSeconds", options.Queue.MaxQueuedSeconds, 0.001, 86_400),
            ("Queue:MaxFeatureBytes", options.Queue.MaxFeatureBytes, 0, double.MaxValue),
            ("Queue:DefaultTimeoutMilliseconds", options.Queue.DefaultTimeoutMilliseconds, 1, options.Queue.MaxTimeoutMilliseconds),
            ("Queue:MaxTimeoutMilliseconds", options.Queue.MaxTimeoutMilliseconds, 1, 86_400_000),
            ("Queue:BatchDelaySeconds", options.Queue.BatchDelaySeconds, 0, 86_400),
            ("Limits:MaxSteps", options.Limits.MaxSteps, 1, 10_000),
            ("Limits:MaxCount", options.Limits.MaxCount, 1, 100),
            ("Limits:MaxPromptLength", options.Limits.MaxPromptLength, 1, 1_000_000),
            ("Limits:MaxGuidanceScale", options.Limits.MaxGuidanceScale, 1, 1_000),
            ("Limits:MaxBodyBytes", options.Limits.MaxBodyBytes, 1_024, 100 << 20),
            ("Limits:MaxImageBytes", options.Limits.MaxImageBytes, 1_024, 1 << 30),
            ("Limits:MaxPixels", options.Limits.MaxPixels, 1, 1L << 31),
            ("Limits:MemoryBytes", options.Limits.MemoryBytes ?? 1 << 20, 1 << 20, double.MaxValue),
            ("Streaming:HeartbeatSeconds", options.Streaming.HeartbeatSeconds, 0.1, 3_600),
            ("Jobs:MaxJobs", options.Jobs.MaxJobs, 1, 1_000_000),
            ("Jobs:MaxBytes", options.Jobs.MaxBytes, 1 << 20, double.MaxValue),
            ("Jobs:RetentionSeconds", options.Jobs.RetentionSeconds, 1, 31_536_000),
            ("Experiments:MaxExperiments", options.Experiments.MaxExperiments, 1, 10_000),
            ("Experiments:MaxPendingPairs", options.Experiments.MaxPendingPairs, 1, 10_000),
            ("Models:MemoryBudgetBytes", options.Models.MemoryBudgetBytes ?? 1, 1, double.MaxValue),
            ("Models:EmbeddingCacheBytes", options.Models.EmbeddingCacheBytes, 0, double.MaxValue),
            ("Models:DecodeBatchBytes", options.Models.DecodeBatchBytes, 1, double.MaxValue),
            ("Connections:MaxConnections", options.Connections.MaxConnections, 1, 1_000_000),
            ("Connections:MaxHeaderBytes", options.Connections.MaxHeaderBytes, 1_024, 1 << 20),
            ("Connections:MaxHeaders", options.Connections.MaxHeaders, 10, 10_000),
            ("Connections:HeaderMilliseconds", options.Connections.HeaderMilliseconds, 100, 600_000),
            ("Connections:IdleMilliseconds", options.Connections.IdleMilliseconds, 100, 86_400_000),
            ("Connections:MinBytesPerSecond", options.Connections.MinBytesPerSecond, 1, 1 << 30),
            // Kestrel looks once a second.
            ("Connections:SlowMilliseconds", options.Connections.SlowMilliseconds, 1_001, 600_000),
            ("Resilience:FailureRatio", options.Resilience.FailureRatio, 0.01, 1),
            ("Resilience:MinimumEvaluations", options.Resilience.MinimumEvaluations, 2, 1_000_000),
            ("Resilience:WindowMilliseconds", options.Resilience.WindowMilliseconds, 500, 86_400_000),
            ("Resilience:BreakMilliseconds", options.Resilience.BreakMilliseconds, 500, 86_400_000),
            ("Resilience:MaxFailedProbes", options.Resilience.MaxFailedProbes, 1, 1_000_000),
            ("Resilience:HangMilliseconds", options.Resilience.HangMilliseconds, 100, 86_400_000),
            ("Keys:MaxConcurrent", options.Keys.MaxConcurrent ?? 1, 1, 1_000_000),
            ("Keys:RequestsPerMinute", options.Keys.RequestsPerMinute ?? 1, 1, 1_000_000),
            ("Tracing:SampleRatio", options.Tracing.SampleRatio, 0, 1),
            ("Shutdown:NoticeMilliseconds", options.Shutdown.NoticeMilliseconds, 0, 600_000),
            ("Shutdown:GraceMilliseconds", options.Shutdown.GraceMilliseconds, 0, 86_400_000),
        })
            if (!(value >= least && value <= most))
                yield return $"Inference:{name} must be from {least} to {most}, not {value}.";
        if (options.Tracing.Endpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            yield return $"Inference:Tracing:Endpoint must be an absolute http or https address, not '{endpoint}'.";
        if (!Enum.IsDefined(options.Tracing.Protocol))
            yield return $"Inference:Tracing:Protocol must be {string.Join(" or ", Enum.GetNames<TracingProtocol>())}.";
        foreach (var error in SecurityServices.Errors(options))
            yield return error;
        if (string.IsNullOrWhiteSpace(options.Models.Directory))
            yield return "Inference:Models:Directory must name a directory.";
        if (string.IsNullOrWhiteSpace(options.Jobs.Directory))
            yield return "Inference:Jobs:Directory must name a directory.";
        if (string.IsNullOrWhiteSpace(options.Presets.Directory))
            yield return "Inference:Presets:Directory must name a directory.";
        if (string.IsNullOrWhiteSpace(options.Experiments.File))
            yield return "Inference:Experiments:File must name a file.";
    }

    public static AdmissionOptions ToAdmission(this QueueOptions queue) => new()
    {
        MaxRunning = queue.MaxRunning,
        MaxFeatureBytes = queue.MaxFeatureBytes,
        MaxQueuedWork = TimeSpan.FromSeconds(queue.MaxQueuedSeconds),
        BatchDelay = TimeSpan.FromSeconds(queue.BatchDelaySeconds),
    };

    public static NetworkOptions ToNetwork(this NetworkSettings networks) => new() { Precision = Precisions.Find(networks.Precision)!.Value, Attention = networks.Attention };

    public static GenerationLimits ToLimits(this LimitOptions limits) => new()
    {
        MaxSteps = limits.MaxSteps,
        MaxCount = limits.MaxCount,
        MaxPromptLength = limits.MaxPromptLength,
        MaxGuidanceScale = limits.MaxGuidanceScale,
        MaxPixels = limits.MaxPixels,
    };

    public static IReadOnlyList<ProviderOptions> ToProviders(this ServerOptions options) =>
        [.. (options.Providers.Length == 0 ? ["cpu"] : options.Providers).Select(name =>
        {
            var settings = options.ProviderOptions.FirstOrDefault(entry => string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase)).Value ?? new();
            return new ProviderOptions { Name = name.ToLowerInvariant(), DeviceIndex = settings.DeviceIndex, LibraryPath = settings.LibraryPath, LibraryFolders = settings.LibraryFolders, Options = settings.Options };
        })];
}
