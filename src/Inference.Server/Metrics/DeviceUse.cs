namespace Inference.Server;

/// <summary>How busy the device was during the last minute. Evaluations count when they end.</summary>
internal sealed class DeviceUse(TimeProvider time)
{
    private const int Window = 60;
    private readonly Lock _gate = new();
    private readonly double[] _busy = new double[Window];
    private readonly long _epoch = time.GetTimestamp();
    private long _second;

    /// <summary>Share of the last minute, or of the time since the start where that is less, in which nothing was evaluated: 0 to 1.</summary>
    public double IdleShare
    {
        get
        {
            lock (_gate)
            {
                var now = Now();
                Forget((long)now);
                // The second under way began when the window ends, so that many full ones and a part of one are in it.
                var span = Math.Min(now, Window - 1 + (now - Math.Floor(now)));
                return span <= 0 ? 1 : Math.Clamp(1 - _busy.Sum() / span, 0, 1);
            }
        }
    }

    /// <summary>An evaluation has just ended.</summary>
    public void Record(TimeSpan elapsed)
    {
        lock (_gate)
        {
            var end = Now();
            Forget((long)end);
            for (var start = Math.Max(Math.Max(0, end - elapsed.TotalSeconds), (long)end - Window + 1); start < end;)
            {
                var next = Math.Min(end, Math.Floor(start) + 1);
                _busy[(long)start % Window] += next - start;
                start = next;
            }
        }
    }

    private double Now() => time.GetElapsedTime(_epoch).TotalSeconds;

    private void Forget(long second)
    {
        for (var old = Math.Max(_second + 1, second - Window + 1); old <= second; old++)
            _busy[old % Window] = 0;
        _second = Math.Max(_second, second);
    }
}
