using System.Diagnostics;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>How long each step of one picture takes, by the time between the ends of two.</summary>
internal sealed class StepTimes : IGenerationObserver
{
    private readonly List<TimeSpan> _steps = [];
    private long _last;

    public void OnJoined(int image) => _last = Stopwatch.GetTimestamp();

    public void OnStep(in PictureStep step)
    {
        var now = Stopwatch.GetTimestamp();
        _steps.Add(Stopwatch.GetElapsedTime(_last, now));
        _last = now;
    }

    /// <summary>Mean time of the steps that were, or were not, computed in full, in milliseconds; null where there are none. The first step is left out.</summary>
    public double? Mean(IReadOnlyCollection<int>? fullSteps, bool isFull)
    {
        var chosen = _steps.Select((time, step) => (time.TotalMilliseconds, step)).Where(entry => entry.step > 0 && (fullSteps?.Contains(entry.step) ?? true) == isFull).ToArray();
        return chosen.Length == 0 ? null : chosen.Average(entry => entry.TotalMilliseconds);
    }
}
