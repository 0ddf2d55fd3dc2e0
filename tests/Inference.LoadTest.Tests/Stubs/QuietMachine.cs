using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

/// <summary>Real-time measurements on machines that also do other things: an attempt counts when a bare sleeping thread was on time meanwhile; a busy machine gets further attempts.</summary>
internal static class QuietMachine
{
    private const int Attempts = 4;

    /// <summary>Measures, and again when it failed while the machine was late; the last attempt's failure stands.</summary>
    public static async Task MeasureAsync(ITestOutputHelper output, Func<Task> measure)
    {
        await ClientWarmUp.RunAsync(CancellationToken.None);
        for (var attempt = 1; ; attempt++)
        {
            using var canary = new Canary();
            try
            {
                await measure();
                output.WriteLine($"attempt {attempt}: a bare thread was more than 3 ms late {canary.LateShare:P2} of the time");
                return;
            }
            catch (Exception exception) when (exception is Xunit.Sdk.XunitException && attempt < Attempts && canary.LateShare > 0.002)
            {
                output.WriteLine($"attempt {attempt} is void, a bare thread was more than 3 ms late {canary.LateShare:P2} of the time: {exception.Message}");
            }
        }
    }

    private sealed class Canary : IDisposable
    {
        private readonly ManualResetEvent _over = new(false);
        private int _sleeps;
        private int _late;

        public Canary() => new Thread(() =>
        {
            for (var started = TimeProvider.System.GetTimestamp(); !_over.WaitOne(2); started = TimeProvider.System.GetTimestamp())
            {
                _sleeps++;
                if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMilliseconds(5))
                    _late++;
            }
        })
        { IsBackground = true }.Start();

        public double LateShare => _late / (double)Math.Max(1, _sleeps);

        public void Dispose() => _over.Set();
    }
}
