using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The steps that each picture of a request has finished.</summary>
internal sealed class ProgressTap(int pictures) : IGenerationObserver
{
    // Each picture writes its own element; a reader may be a step behind.
    private readonly PictureProgress[] _pictures = [.. Enumerable.Range(0, pictures).Select(image => new PictureProgress(image, 0, null))];

    /// <summary>The pictures as they stand.</summary>
    public PictureProgress[] Read() => [.. _pictures];

    public void OnStep(in PictureStep step) => _pictures[step.Image] = new(step.Image, Math.Max(step.Step, _pictures[step.Image].Step), step.Steps);
}
