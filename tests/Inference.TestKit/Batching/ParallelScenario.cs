using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>
/// A client that samples in parallel among clients that do not, on a simulated device in virtual time: the real sampler with the real window rule, on an
/// analytic model. All take two rows an evaluation, as with guidance.
/// </summary>
/// <param name="Cost">What an evaluation takes.</param>
/// <param name="MaxRows">Largest batch.</param>
public sealed record ParallelScenario(SimulatedCost Cost, int MaxRows = 32)
{
    private const int Rows = 2;
    private static readonly LatentShape Shape = new(4, 2, 2);

    /// <summary>Steps of every request.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Plain clients in a closed loop.</summary>
    public int Others { get; init; }

    /// <summary>Requests of the plain clients in all.</summary>
    public int Requests { get; init; } = 400;

    /// <summary>What the remaining client asks for; null: as the others; it runs for as long as they do.</summary>
    public ParallelRequest? Parallel { get; init; }

    /// <summary>Whether the remaining client runs at all.</summary>
    public bool HasParallelClient { get; init; } = true;

    /// <summary>Runs it.</summary>
    /// <param name="mixture">The analytic model, of 16 dimensions.</param>
    public ParallelScenarioResult Run(GaussianMixture mixture)
    {
        var simulation = new ServingSimulation(Cost, new() { MaxRows = MaxRows });
        var (others, parallel) = (new List<double>(), new List<double>());
        var (left, last, widest) = (Requests - Others, TimeSpan.Zero, 0);
        var client = new HashSet<SimulatedRequest>();
        SimulatedRequest Wide()
        {
            var request = new SimulatedRequest { Arrival = simulation.Now, Steps = Steps, RowsPerPicture = Rows, Program = lane => SampleAsync(mixture, lane, width => widest = Math.Max(widest, width)) };
            client.Add(request);
            return request;
        }
        IEnumerable<SimulatedRequest> start = Enumerable.Range(0, Others).Select(_ => Plain(TimeSpan.Zero));
        simulation.Run(HasParallelClient ? start.Append(Wide()) : start, request =>
        {
            var latency = (request.Finished!.Value - request.Arrival).TotalMilliseconds;
            if (client.Contains(request))
            {
                parallel.Add(latency);
                if (left > 0 && Others > 0)
                    simulation.Add(Wide());
                return;
            }
            others.Add(latency);
            last = simulation.Now;
            if (left-- > 0)
                simulation.Add(Plain(simulation.Now));
        });
        others.Sort();
        return new(
            others.Count == 0 ? 0 : others.Count / last.TotalSeconds, others.Count == 0 ? 0 : others[(int)(0.95 * (others.Count - 1))], parallel.Count == 0 ? 0 : parallel.Average(), widest);
    }

    private SimulatedRequest Plain(TimeSpan arrival) => new() { Arrival = arrival, Steps = Steps, RowsPerPicture = Rows };

    private async Task SampleAsync(GaussianMixture mixture, ISimulatedLane lane, Action<int> width)
    {
        var sampling = new SamplingPlanner(SchedulerConfig.Parse(
            """{ "_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": false, "timestep_spacing": "trailing" }"""))
            .Plan(new() { Steps = Steps });
        var denoiser = new SimulatedDenoiser(new MixtureDenoiser(mixture), lane, Rows);
        using var x = Latent.Rent(Shape);
        new PhiloxNoise(1).Fill(0, x);
        if (Parallel is null)
        {
            await sampling.Integrator.SampleAsync(denoiser, x, sampling.Trajectory, new PhiloxNoise(1), NullObserver.Instance, default);
            return;
        }
        var use = await ParallelMethods.Plan(Parallel, sampling, GuidanceOptions.None, hasConsistencyModel: false).SampleAsync(
            new() { Denoiser = denoiser, X = x, Trajectory = sampling.Trajectory, Noise = new PhiloxNoise(1), Budget = denoiser }, default);
        width(use.Windows.Max(window => window.End - window.Begin));
    }
}

/// <summary>What a parallel scenario gave.</summary>
/// <param name="RequestsPerSecond">Of the plain clients.</param>
/// <param name="Latency95">Of the plain clients, milliseconds.</param>
/// <param name="ParallelLatency">Mean of the remaining client, milliseconds.</param>
/// <param name="Widest">Widest window there was.</param>
public sealed record ParallelScenarioResult(double RequestsPerSecond, double Latency95, double ParallelLatency, int Widest);
