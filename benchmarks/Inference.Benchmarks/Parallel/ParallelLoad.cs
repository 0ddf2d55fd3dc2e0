using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>A request with windows that follow the load among plain clients on a device of 6 ms + 0.2 ms a row, against the same request in plain steps, and against none.</summary>
internal sealed record ParallelLoad(int Others, ParallelScenarioResult Parallel, ParallelScenarioResult Plain, ParallelScenarioResult Without)
{
    private const int FullLoad = 15;
    private const double IdleGoal = 0.6;
    private const double Unnoticed = 0.02;

    /// <summary>Goals that are missed.</summary>
    public IEnumerable<string> Failures
    {
        get
        {
            if (Others == 0 && Parallel.ParallelLatency > IdleGoal * Plain.ParallelLatency)
                yield return $"idle: {Parallel.ParallelLatency / Plain.ParallelLatency:F2} of the plain latency";
            if (Others < FullLoad)
                yield break;
            if (Math.Abs(Parallel.RequestsPerSecond / Plain.RequestsPerSecond - 1) > Unnoticed)
                yield return $"{Others} others: throughput changes by {Parallel.RequestsPerSecond / Plain.RequestsPerSecond - 1:P1}";
            if (Parallel.Latency95 / Plain.Latency95 - 1 > Unnoticed)
                yield return $"{Others} others: p95 changes by {Parallel.Latency95 / Plain.Latency95 - 1:P1}";
        }
    }

    public static ParallelLoad Run(int others, GaussianMixture mixture)
    {
        var scenario = new ParallelScenario(SimulatedCost.Batching) { Others = others };
        var parallel = scenario with { Parallel = new ParallelRequest("picard", new Dictionary<string, object>()) };
        return new(others, parallel.Run(mixture), scenario.Run(mixture), (others == 0 ? scenario : scenario with { HasParallelClient = false }).Run(mixture));
    }
}
