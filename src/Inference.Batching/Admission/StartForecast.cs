namespace Inference.Batching;

/// <summary>Where a request that was let in stands.</summary>
/// <param name="Ahead">Requests that start before it.</param>
/// <param name="StartsIn">Predicted time until it starts; zero when it runs.</param>
public readonly record struct AdmissionPlace(int Ahead, TimeSpan StartsIn);

/// <summary>
/// Predicts when a waiting request starts: those that run share the device in proportion to their rows, each leaves when its work is done, and those
/// that wait follow in rank order when there is room (processor sharing with a limit; Kleinrock 1967, doi:10.1145/321386.321388).
/// </summary>
internal static class StartForecast
{
    /// <param name="running">Work in seconds, rows and pictures of what runs.</param>
    /// <param name="waiting">The same of what waits before the request, first come first, and of the request itself, last.</param>
    /// <param name="maxRunning">Pictures that run side by side.</param>
    /// <param name="pace">Predicted seconds of work done in a real second, above 0.</param>
    public static TimeSpan Of(IEnumerable<Share> running, IEnumerable<Share> waiting, int maxRunning, double pace)
    {
        var active = running.ToList();
        var time = 0.0;
        foreach (var next in waiting)
        {
            while (active.Count > 0 && active.Sum(share => share.Pictures) + next.Pictures > maxRunning)
                time += Depart(active, pace);
            active.Add(next);
        }
        return TimeSpan.FromSeconds(time);
    }

    // Runs until the first one is done; returns how long that took.
    private static double Depart(List<Share> active, double pace)
    {
        double rows = active.Sum(share => share.Rows);
        var first = active.MinBy(share => share.Seconds / share.Rows);
        var perRow = first.Seconds / first.Rows;
        active.Remove(first);
        for (var i = 0; i < active.Count; i++)
            active[i] = active[i] with { Seconds = active[i].Seconds - perRow * active[i].Rows };
        return perRow * rows / pace;
    }

    /// <summary>What one request has of the device.</summary>
    internal readonly record struct Share(double Seconds, int Rows, int Pictures);
}
