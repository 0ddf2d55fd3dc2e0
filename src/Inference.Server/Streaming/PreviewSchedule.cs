namespace Inference.Server;

/// <summary>After which steps of a picture a preview is due; never after the last step, each step once.</summary>
internal sealed class PreviewSchedule
{
    private readonly Func<int, int, int, bool> _isDue;
    private int _last;

    private PreviewSchedule(Func<int, int, int, bool> isDue) => _isDue = isDue;

    /// <summary>Previews given so far.</summary>
    public int Given { get; private set; }

    /// <summary>So many previews, from 0, spread evenly over the run.</summary>
    public static PreviewSchedule Spread(int previews) =>
        // A step may pass several points of a short run; it is still one preview.
        new((step, steps, given) => given < previews && step * (previews + 1) >= (given + 1) * steps);

    /// <summary>A preview after every so many steps, from 1.</summary>
    public static PreviewSchedule Every(int interval) => new((step, _, _) => step % interval == 0);

    /// <summary>Whether a preview is due now that a step was finished. Ask once a step; stages of one step count once.</summary>
    /// <param name="step">Steps finished, from 1.</param>
    /// <param name="steps">Steps in all.</param>
    public bool IsDue(int step, int steps)
    {
        if (step <= _last || step >= steps)
            return false;
        _last = step;
        if (!_isDue(step, steps, Given))
            return false;
        Given++;
        return true;
    }
}
