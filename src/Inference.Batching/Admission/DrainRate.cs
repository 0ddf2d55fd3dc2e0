namespace Inference.Batching;

/// <summary>How many seconds of predicted work a saturated server really does in a second: corrects predictions that are off by a factor. Starts at 1 and
/// forgets with a time constant.</summary>
internal sealed class DrainRate
{
    private const double Memory = 10;
    private const double Slowest = 0.02;
    private double _work = Memory;
    private double _seconds = Memory;

    /// <summary>Predicted seconds done in one real second.</summary>
    public double Value => Math.Max(Slowest, _work / _seconds);

    /// <summary>So much predicted work was done in so much saturated time.</summary>
    public void Record(double work, double seconds)
    {
        var keep = Math.Exp(-seconds / Memory);
        (_work, _seconds) = (_work * keep + work, _seconds * keep + seconds);
    }
}
