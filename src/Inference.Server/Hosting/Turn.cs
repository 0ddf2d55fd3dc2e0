using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request's place in the <see cref="GenerationQueue"/>, and its leases while its lanes are open. Watches its steps, so that the queue knows the work left.</summary>
internal sealed class Turn(GenerationQueue queue, long enteredAt) : IGenerationObserver, IDisposable
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the request may run.</summary>
    public Task Begun => _begun.Task;

    /// <summary>When the request was let in, on the server's clock.</summary>
    public long EnteredAt { get; } = enteredAt;

    /// <summary>Where the request stands; null when it is done.</summary>
    public AdmissionPlace? Place => queue.PlaceOf(Ticket);

    internal AdmissionTicket<Turn> Ticket { get; set; } = null!;

    public void OnStep(in PictureStep step) => queue.Progress(Ticket, 1.0 / (step.Steps * Ticket.Cost.Pictures));

    public void OnDenoised(int image) => queue.EndLease(Ticket);

    public void Dispose() => queue.Leave(Ticket);

    internal void Begin() => _begun.TrySetResult();

    internal void Miss() => _begun.TrySetException(new DeadlineMissedException());
}
