using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>Where a job is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobStatus>))]
public enum JobStatus
{
    /// <summary>Waits for its turn.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>Its pictures are being generated.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Its result is on disk.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It has an error.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It was cancelled by DELETE.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
