using System.Collections.Concurrent;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Measures the denoising steps of a request's pictures; the first one of a picture starts when it joins the batches.</summary>
internal sealed class StepClock(ServerMetrics metrics, string model, TimeProvider time) : IGenerationObserver
{
    private readonly ConcurrentDictionary<int, long> _last = [];

    public void OnJoined(int image) => _last[image] = time.GetTimestamp();

    public void OnStep(int image, int step, int steps)
    {
        var now = time.GetTimestamp();
        if (_last.TryGetValue(image, out var last))
            metrics.Step(model, time.GetElapsedTime(last, now));
        _last[image] = now;
    }
}
