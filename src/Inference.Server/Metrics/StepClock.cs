using System.Collections.Concurrent;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Measures the denoising steps of a request's pictures; the first one of a picture starts when it joins the batches.</summary>
internal sealed class StepClock(ServerMetrics metrics, string model, TimeProvider time) : IGenerationObserver
{
    private readonly ConcurrentDictionary<int, long> _last = [];

    public void OnJoined(int image) => _last[image] = time.GetTimestamp();

    public void OnStep(in PictureStep step)
    {
        var now = time.GetTimestamp();
        if (_last.TryGetValue(step.Image, out var last))
            metrics.Step(model, time.GetElapsedTime(last, now));
        _last[step.Image] = now;
    }
}
