namespace Inference.TestKit;

/// <summary>Sixteen clients with mixed requests in a closed loop, on a simulated device in virtual time.</summary>
public static class ThroughputScenario
{
    private const int Clients = 16;

    /// <summary>Requests a second, mean rows a batch and latencies.</summary>
    /// <param name="cost">What an evaluation takes.</param>
    /// <param name="maxRows">Largest batch; 1 evaluates one request's rows a call.</param>
    /// <param name="requests">Requests in all.</param>
    public static ThroughputResult Run(SimulatedCost cost, int maxRows, int requests)
    {
        var simulation = new ServingSimulation(cost, new() { MaxRows = maxRows });
        var (mix, left, last) = (new RandomMix(3), requests - Clients, TimeSpan.Zero);
        var latencies = new List<double>();
        simulation.Run(Enumerable.Range(0, Clients).Select(_ => mix.Next(TimeSpan.Zero, TimeSpan.FromHours(1))), request =>
        {
            last = simulation.Now;
            latencies.Add((request.Finished!.Value - request.Arrival).TotalMilliseconds);
            if (left-- > 0)
                simulation.Add(mix.Next(simulation.Now, TimeSpan.FromHours(1)));
        });
        latencies.Sort();
        return new(requests / last.TotalSeconds, simulation.Batches.Average(), latencies[latencies.Count / 2], latencies[(int)(0.95 * latencies.Count)], latencies[(int)(0.99 * latencies.Count)]);
    }
}

/// <summary>What a throughput run gave; latencies in milliseconds.</summary>
public sealed record ThroughputResult(double RequestsPerSecond, double MeanRows, double Latency50, double Latency95, double Latency99);
