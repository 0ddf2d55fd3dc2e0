using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Several observers of one generation.</summary>
internal sealed class Observers(params IGenerationObserver[] all) : IGenerationObserver
{
    public void OnJoined(int image)
    {
        foreach (var observer in all)
            observer.OnJoined(image);
    }

    public void OnBatch(int image, in BatchReport batch)
    {
        foreach (var observer in all)
            observer.OnBatch(image, batch);
    }

    public void OnStep(in PictureStep step)
    {
        foreach (var observer in all)
            observer.OnStep(step);
    }

    public void OnDenoised(int image)
    {
        foreach (var observer in all)
            observer.OnDenoised(image);
    }
}
