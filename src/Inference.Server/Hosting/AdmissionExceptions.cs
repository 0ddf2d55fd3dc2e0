using Inference.Batching;

namespace Inference.Server;

/// <summary>A request is refused because of the work ahead of it or its own deadline.</summary>
internal sealed class NotAdmittedException(AdmissionAnswer answer) : Exception("The request was not let in.")
{
    public AdmissionAnswer Answer { get; } = answer;
}

/// <summary>A request ran out of time.</summary>
internal sealed class DeadlineMissedException() : Exception("The request could not be done within its timeout.");

/// <summary>A request was cancelled by DELETE.</summary>
internal sealed class CancelledByRequestException() : Exception("The request was cancelled.");
