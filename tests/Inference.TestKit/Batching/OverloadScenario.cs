using Inference.Batching;

namespace Inference.TestKit;

/// <summary>Open-loop load on a simulated device of 6 ms + 0.2 ms a row, in virtual time.</summary>
public sealed class OverloadScenario
{
    private static readonly TimeSpan Decode = TimeSpan.FromMilliseconds(2);
    private static readonly AdmissionOptions Admission = new() { MaxRunning = 16, MaxQueuedWork = TimeSpan.FromSeconds(5) };

    /// <summary>Deadline of every request.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Share of very large requests.</summary>
    public double LargeShare { get; init; } = 0.003;

    /// <summary>How long requests arrive.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests a second that a saturated closed loop is served.</summary>
    public double Capacity()
    {
        var simulation = new ServingSimulation(SimulatedCost.Batching, new(), Admission, Decode);
        var (mix, served, last) = (new RandomMix(1, LargeShare), 0, TimeSpan.Zero);
        simulation.Run(Enumerable.Range(0, 32).Select(_ => mix.Next(TimeSpan.Zero, TimeSpan.FromHours(1))), request =>
        {
            (served, last) = (served + 1, simulation.Now);
            if (simulation.Now < Length)
                simulation.Add(mix.Next(simulation.Now, TimeSpan.FromHours(1)));
        });
        return served / last.TotalSeconds;
    }

    /// <summary>Poisson arrivals at a rate.</summary>
    /// <param name="rate">Requests a second.</param>
    public OverloadResult Run(double rate)
    {
        var simulation = new ServingSimulation(SimulatedCost.Batching, new(), Admission, Decode);
        var mix = new RandomMix(2, LargeShare);
        var requests = new List<SimulatedRequest>();
        for (var at = TimeSpan.Zero; at < Length; at += mix.Exponential(TimeSpan.FromSeconds(1 / rate)))
            requests.Add(mix.Next(at, Timeout));
        simulation.Run(requests);
        return new(requests, Length, simulation.LeftOpen, simulation.LargestQueue);
    }
}

/// <summary>What an overload run gave.</summary>
public sealed record OverloadResult(IReadOnlyList<SimulatedRequest> Requests, TimeSpan Length, int LeftOpen, TimeSpan LargestQueue)
{
    /// <summary>Requests done in time, of those that arrived in the second half, when the queue is in its steady state, a second.</summary>
    public double Goodput => Requests.Count(request => request.Finished is { } at && at > Length / 2 && at <= Length) / (Length / 2).TotalSeconds;

    /// <summary>Evaluated rows of requests done in time in the second half, a second.</summary>
    public double RowGoodput => Requests.Where(request => request.Finished is { } at && at > Length / 2 && at <= Length).Sum(request => (double)request.RowsEvaluated) / (Length / 2).TotalSeconds;

    public int Refused => Requests.Count(request => request.Answer?.Verdict is AdmissionVerdict.QueueFull or AdmissionVerdict.DeadlineTooBusy);

    public int Dropped => Requests.Count(request => request.IsDropped);

    /// <summary>Latency that 99 % of the admitted stay below; a dropped one counts as infinite.</summary>
    public TimeSpan Latency99
    {
        get
        {
            var sorted = Requests.Where(request => request.Answer?.Verdict == AdmissionVerdict.Accepted)
                .Select(request => request.Finished - request.Arrival ?? TimeSpan.MaxValue).Order().ToArray();
            return sorted[(int)(0.99 * (sorted.Length - 1))];
        }
    }

    /// <summary>For refusals with a Retry-After of 2 s or more: when the same request would have been let in, over that time.</summary>
    public IReadOnlyList<double> RetryAfterRatios => [.. Requests
        .Where(request => request.Answer is { Verdict: not AdmissionVerdict.Accepted } answer && answer.RetryAfter >= TimeSpan.FromSeconds(2))
        .Select(request => request.WouldBeAdmitted is { } at ? (at - request.Arrival) / request.Answer!.Value.RetryAfter : double.PositiveInfinity)];
}
