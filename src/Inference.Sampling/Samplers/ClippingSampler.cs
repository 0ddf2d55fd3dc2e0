namespace Inference.Sampling;

/// <summary>Runs a sampler on a denoiser whose predictions are clipped.</summary>
internal sealed class ClippingSampler(ISampler inner, IDataClipping clipping) : ISampler
{
    public ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken) =>
        inner.SampleAsync(new ClippingDenoiser(denoiser, clipping), x, trajectory, noise, observer, cancellationToken);
}
