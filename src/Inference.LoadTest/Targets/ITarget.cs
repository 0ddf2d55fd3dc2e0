namespace Inference.LoadTest;

/// <summary>What is measured.</summary>
public interface ITarget
{
    /// <summary>Sends one request, once, and waits for the whole answer. Failures of the server are answers, not exceptions.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    Task<Reply> SendAsync(ImageRequest request, CancellationToken cancellationToken);
}
