namespace Inference.TestKit;

/// <summary>Draws requests like those of a mixed service: 8 to 30 steps, one or two evaluations a step, guidance on or off, now and then a very large one.</summary>
/// <param name="seed">Seed of the draws.</param>
/// <param name="largeShare">Share of requests with ten pictures, groups of four rows and 200 steps.</param>
public sealed class RandomMix(int seed, double largeShare = 0)
{
    private readonly Random _random = new(seed);

    /// <summary>An exponential waiting time of this mean: Poisson arrivals.</summary>
    public TimeSpan Exponential(TimeSpan mean) => -Math.Log(1 - _random.NextDouble()) * mean;

    public SimulatedRequest Next(TimeSpan arrival, TimeSpan timeout)
    {
        if (_random.NextDouble() < largeShare)
            return new() { Arrival = arrival, Timeout = timeout, Steps = 200, RowsPerPicture = 4, Pictures = 10 };
        // One sampler in five is Heun, which evaluates twice a step; guidance of 1 needs one row.
        var evaluations = _random.Next(5) == 0 ? 2 : 1;
        return new() { Arrival = arrival, Timeout = timeout, Steps = _random.Next(8, 31) * evaluations, RowsPerPicture = _random.Next(7) == 0 ? 1 : 2 };
    }
}
