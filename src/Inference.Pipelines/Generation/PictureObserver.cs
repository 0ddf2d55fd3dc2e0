using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Tells the observer of a generation what happens to one of its pictures.</summary>
internal sealed class PictureObserver(IGenerationObserver observer, PreviewRenderer previews, int image, GenerationSettings settings, Trajectory trajectory) : ISamplingObserver, ILaneObserver
{
    public void OnState(int step, int stage, Latent x, Latent clean) =>
        observer.OnStep(new(image, Math.Min(step + 1, settings.Steps), settings.Steps, previews, settings.Size, trajectory.Steps[Math.Min(step, trajectory.Steps.Length - 1)].To, x, clean));

    public void OnBatch(in BatchReport report) => observer.OnBatch(image, report);
}
