namespace Inference.LoadTest.Tests;

/// <summary>
/// Real-time measurements on machines that do other things too: a bare thread sleeps 2 ms again and again, and what was measured within 300 ms of its
/// being 3 ms late says something about the machine, not about the load test. It is left out, and the measurement repeated until enough is left.
/// </summary>
internal static class QuietMachine
{
    private const int Attempts = 8;

    /// <summary>Measurements of quiet times, at least as many as asked for.</summary>
    public static async Task<List<Measurement>> MeasureAsync(int least, Func<int, Task<IReadOnlyList<Measurement>>> measure)
    {
        await ClientWarmUp.RunAsync(CancellationToken.None);
        var kept = new List<Measurement>();
        var all = 0;
        for (var attempt = 0; attempt < Attempts && kept.Count < least; attempt++)
        {
            using var canary = new Canary();
            var measured = await measure(attempt);
            all += measured.Count;
            kept.AddRange(measured.Where(measurement => canary.IsQuiet(measurement.Intended)));
        }
        Assert.True(kept.Count >= least, $"The machine is too busy to measure: only {kept.Count} of {all} requests fell into quiet seconds, {least} are needed.");
        return kept;
    }

    private sealed class Canary : IDisposable
    {
        private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(300);

        private readonly ManualResetEvent _over = new(false);
        private readonly List<TimeSpan> _late = [];

        public Canary()
        {
            var first = TimeProvider.System.GetTimestamp();
            new Thread(() =>
            {
                for (var started = first; !_over.WaitOne(2); started = TimeProvider.System.GetTimestamp())
                    if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMilliseconds(5))
                        lock (_late)
                            _late.Add(TimeProvider.System.GetElapsedTime(first));
            })
            { IsBackground = true }.Start();
        }

        public bool IsQuiet(TimeSpan at)
        {
            lock (_late)
            {
                var next = _late.BinarySearch(at - Margin);
                next = next < 0 ? ~next : next;
                return next == _late.Count || _late[next] > at + Margin;
            }
        }

        public void Dispose() => _over.Set();
    }
}
