using Inference.LoadTest;
using Spectre.Console;

namespace Inference.Cli;

/// <summary>A line about the run, renewed while it goes on; on standard error, so that the output can be piped.</summary>
internal sealed class LiveProgress(string label, ILoad load, Slo? slo, TimeProvider time) : IRunObserver
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainRefresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<(TimeSpan Completed, double Latency)> _recent = new();
    private readonly long _started = time.GetTimestamp();
    private int _sent;
    private int _right;
    private int _failed;
    private int _good;

    public void OnStarted(TimeSpan intended) => Interlocked.Increment(ref _sent);

    public void OnCompleted(Measurement measurement)
    {
        lock (_gate)
        {
            _failed += measurement.Failure is null ? 0 : 1;
            _right += measurement.Failure is null ? 1 : 0;
            _good += slo is not null && measurement.Meets(slo) ? 1 : 0;
            if (measurement.Failure is null)
                _recent.Enqueue((measurement.Completed, measurement.Latency.TotalSeconds));
        }
    }

    /// <summary>Shows the line until the run is over.</summary>
    public async Task<RunRecord> ShowAsync(Task<RunRecord> run)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected)
        {
            while (await Task.WhenAny(run, Task.Delay(PlainRefresh, time)) != run)
                await Console.Error.WriteLineAsync(Line());
        }
        else
        {
            await console.Live(new Text(Line())).AutoClear(true).StartAsync(async live =>
            {
                while (await Task.WhenAny(run, Task.Delay(Refresh, time)) != run)
                    live.UpdateTarget(new Text(Line()));
            });
        }
        return await run;
    }

    private string Line()
    {
        var elapsed = time.GetElapsedTime(_started);
        lock (_gate)
        {
            while (_recent.TryPeek(out var oldest) && oldest.Completed < elapsed - Recent)
                _recent.Dequeue();
            var sorted = _recent.Select(entry => entry.Latency).Order().ToArray();
            var answered = _right + _failed;
            var latency = sorted.Length == 0 ? "" : $"  last 10 s: p50 {ReportText.Seconds(sorted[sorted.Length / 2])}, p95 {ReportText.Seconds(sorted[(int)(0.95 * (sorted.Length - 1))])}";
            var objective = slo is null || answered == 0 ? "" : $"  within {Units.Format(slo.Within)}: {ReportText.Percent(_good / (double)answered)}";
            var clock = elapsed < load.Duration ? $"{elapsed.TotalSeconds:F0} of {load.Duration.TotalSeconds:F0} s" : "waiting for answers";
            return $"{label}{clock}  sent {_sent}, running {_sent - answered}, right {_right}, failed {_failed}{latency}{objective}";
        }
    }
}
