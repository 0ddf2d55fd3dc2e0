using System.Text.Json;

namespace Inference.Server;

/// <summary>A job as clients see it. Times are Unix times in seconds.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Object"><c>job</c>.</param>
/// <param name="Status">queued, running, succeeded, failed or cancelled.</param>
/// <param name="CreatedAt">When it was taken.</param>
/// <param name="Position">Requests that start before it; null unless it is queued, or while it waits to be let in again after a restart.</param>
/// <param name="EstimatedStartAt">When it is predicted to start; null like the position.</param>
/// <param name="Progress">Part of its steps that are done, 0 to 1.</param>
/// <param name="ExpiresAt">When it and its result are removed; null before it has ended.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Result">Response of the same request to /v1/images/generations; null unless it succeeded.</param>
public sealed record JobResponse(
    string Id, string Object, JobStatus Status, long CreatedAt, int? Position, long? EstimatedStartAt, double Progress, long? ExpiresAt, OpenAiError? Error, JsonElement? Result)
{
    internal static JobResponse Of(Job job, DateTimeOffset now, DateTimeOffset? expires, JsonElement? result)
    {
        var status = job.Status;
        var place = status == JobStatus.Queued ? job.Turn?.Place : null;
        var record = job.Record;
        return new(
            job.Id, "job", status, record.Created.ToUnixTimeSeconds(), place?.Ahead, place is { } known ? (now + known.StartsIn).ToUnixTimeSeconds() : null,
            status == JobStatus.Succeeded ? 1 : job.Progress, expires?.ToUnixTimeSeconds(), record.Error, result);
    }
}
