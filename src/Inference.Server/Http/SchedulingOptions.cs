using System.Globalization;
using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>When and in whose company a request wants to run.</summary>
/// <param name="Priority">Its class.</param>
/// <param name="Timeout">Within which it must be done.</param>
/// <param name="Sharing">Whether its rows meet those of others.</param>
internal sealed record SchedulingOptions(RequestPriority Priority, TimeSpan Timeout, LaneSharing Sharing)
{
    public const string TimeoutHeader = "x-inference-timeout-ms";

    /// <summary>Reads and checks the fields; the body's timeout goes before the header's, and both are capped by the configuration.</summary>
    /// <param name="body">The request.</param>
    /// <param name="header">Text of the timeout header, or null.</param>
    /// <param name="queue">The configuration.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static SchedulingOptions Read(ImageGenerationBody body, string? header, QueueOptions queue, List<RequestProblem> problems)
    {
        var priority = RequestPriority.Interactive;
        if (body.Priority is not (null or "interactive"))
        {
            if (body.Priority == "batch")
                priority = RequestPriority.Batch;
            else
                problems.Add(new("priority", "'priority' must be interactive or batch."));
        }
        long timeout = queue.DefaultTimeoutMilliseconds;
        if (body.TimeoutMs is { } milliseconds)
            timeout = Positive("timeout_ms", milliseconds, problems);
        else if (header is not null)
            timeout = Positive(TimeoutHeader, long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0, problems);
        return new(priority, TimeSpan.FromMilliseconds(Math.Min(timeout, queue.MaxTimeoutMilliseconds)), body.Solo == true ? LaneSharing.Solo : LaneSharing.Shared);
    }

    private static long Positive(string name, long milliseconds, List<RequestProblem> problems)
    {
        if (milliseconds < 1)
            problems.Add(new(name, $"'{name}' must be a whole number of milliseconds from 1."));
        return Math.Max(1, milliseconds);
    }
}
