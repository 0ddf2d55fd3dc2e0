namespace Inference.Sampling;

/// <summary>A sampling method. Stateless: everything a run knows is local to the call, so one instance serves any number of requests at once.</summary>
public interface ISampler
{
    /// <summary>Integrates from the start of <paramref name="trajectory"/> to its end.</summary>
    /// <param name="denoiser">The guided denoiser of this request.</param>
    /// <param name="x">In: noise times <see cref="Trajectory.InitialScale"/>. Out: the result.</param>
    /// <param name="trajectory">The noise levels to visit.</param>
    /// <param name="noise">Noise by draw number; draw 0 is the start, which the caller has used.</param>
    /// <param name="observer">Told of each new state.</param>
    /// <param name="cancellationToken">Looked at between any two evaluations.</param>
    /// <exception cref="OperationCanceledException">Cancelled; <paramref name="x"/> holds an intermediate state.</exception>
    ValueTask SampleAsync(IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken);
}

/// <summary>Watches a run: progress, previews, traces. Called synchronously; must not keep or change the latents.</summary>
public interface ISamplingObserver
{
    /// <summary>A new state was reached.</summary>
    /// <param name="step">Index of the trajectory step, from 0.</param>
    /// <param name="stage">Index of the stage within the step, from 0.</param>
    /// <param name="x">The state now.</param>
    /// <param name="clean">The clean data predicted last.</param>
    void OnState(int step, int stage, Latent x, Latent clean);
}

/// <summary>An observer that does nothing.</summary>
public sealed class NullObserver : ISamplingObserver
{
    public static NullObserver Instance { get; } = new();

    public void OnState(int step, int stage, Latent x, Latent clean)
    {
    }
}
