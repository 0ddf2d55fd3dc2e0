namespace Inference.Server;

/// <summary>After which steps of a picture a preview is due: spread evenly over the run, never after the last step, each step once.</summary>
/// <param name="previews">Previews wanted, from 0.</param>
internal sealed class PreviewSchedule(int previews)
{
    private int _last;
    private int _given;

    /// <summary>Previews given so far.</summary>
    public int Given => _given;

    /// <summary>Whether a preview is due now that a step was finished. Ask once a step; stages of one step count once.</summary>
    /// <param name="step">Steps finished, from 1.</param>
    /// <param name="steps">Steps in all.</param>
    public bool IsDue(int step, int steps)
    {
        if (_given == previews || step <= _last || step >= steps)
            return false;
        _last = step;
        // A step may pass several points of a short run; it is still one preview.
        if (step * (previews + 1) < (_given + 1) * steps)
            return false;
        _given++;
        return true;
    }
}
