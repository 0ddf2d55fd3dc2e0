namespace Inference.TestKit;

/// <summary>A clock of discrete events: jumps from one to the next.</summary>
public sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private long _order;

    public TimeSpan Now { get; private set; }

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time > Now ? time : Now, _order++));

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Runs events until none is left; <paramref name="moved"/> sees every stretch of time that passes.</summary>
    public void Run(Action<TimeSpan>? moved = null)
    {
        while (_events.TryDequeue(out var action, out var due))
        {
            if (due.At > Now)
            {
                moved?.Invoke(due.At - Now);
                Now = due.At;
            }
            action();
        }
    }
}
