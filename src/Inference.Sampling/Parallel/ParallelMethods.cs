using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>All parallel methods. The HTTP API, the command line and validation read this list; nothing is listed twice.</summary>
public static class ParallelMethods
{
    private const int MaxSteps = 1000;

    /// <summary>Every method.</summary>
    public static ImmutableArray<ParallelMethodDescriptor> All { get; } = [Picard, ParaTaa, Jacobi, Parareal, Chords, ParaDpmSolver, PicardConsistency];

    /// <summary>The method with an id or an alias, matched without regard to case; null when there is none.</summary>
    public static ParallelMethodDescriptor? Find(string name) =>
        All.FirstOrDefault(method => method.Aliases.Prepend(method.Id).Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Plans a run.</summary>
    /// <param name="request">What the request asks for.</param>
    /// <param name="sampling">The run.</param>
    /// <param name="guidance">How the prompt guides.</param>
    /// <param name="hasConsistencyModel">Whether the model comes with a consistency model.</param>
    /// <exception cref="SamplingOptionException">An option is wrong, or the method makes no sense for the sampler or the model; the message names it.</exception>
    public static ParallelPlan Plan(ParallelRequest request, SamplingPlan sampling, GuidanceOptions guidance, bool hasConsistencyModel)
    {
        var method = Find(request.Method)
            ?? throw new SamplingOptionException("parallel", $"Parallel method '{request.Method}' is unknown. Allowed: {string.Join(", ", All.Select(known => known.Id))}.");
        ParallelRefusals.Check(method, sampling, guidance, hasConsistencyModel);
        foreach (var name in request.Options.Keys)
            Require.That(method.Options.Any(option => option.Name == name), "parallel",
                $"'{name}' is not an option of {method.Id}. Allowed: {string.Join(", ", method.Options.Select(option => option.Name))}.");
        try
        {
            var values = method.Options.ToDictionary(
                option => option.Name,
                option => option == ParallelOptions.Window || !request.Options.TryGetValue(option.Name, out var value)
                    ? option.Default
                    : SamplerOptionReader.Checked(option, SamplerOptionReader.Normalized(value)));
            return new(method, sampling, new(values), ParallelOptions.Width(request.Options.GetValueOrDefault("window")));
        }
        catch (SamplingOptionException exception) when (exception.Parameter != "parallel")
        {
            throw new SamplingOptionException("parallel", $"'parallel' of method {method.Id}: {exception.Message}");
        }
    }

    private static ParallelMethodDescriptor Picard => new(making => new WindowIteration(_ => new Picard(making.ByNoise), new SlidingReach()), WindowEvaluations)
    {
        Id = "picard",
        Name = "ParaDiGMS",
        Aliases = ["paradigms"],
        Source = "Shih et al. 2023, arXiv:2305.16317, Algorithm 1",
        Group = "a window of steps",
        KeepsStates = false,
        Options = [ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window],
    };

    private static ParallelMethodDescriptor ParaTaa => new(making => new WindowIteration(
        _ => new ParaTaa(making.ByState, making.Options.Integer("order"), making.Options.Integer("memory"), making.Options.Number("ridge")), new SlidingReach())
    {
        VariationSteps = making.Options.Integer("variation_steps"),
    }, WindowEvaluations)
    {
        Id = "parataa",
        Name = "ParaTAA",
        Aliases = ["taa"],
        Source = "Tang et al. 2024, arXiv:2402.09970, Algorithm 1",
        Group = "a window of steps",
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-3), ParallelOptions.Window,
            ParallelOptions.Count("order", "Steps over which a state is unrolled.", 20, 1, MaxSteps),
            ParallelOptions.Count("memory", "Iterations that are combined; 1 accelerates nothing.", 2, 1, AndersonMemory.MaximumMemory),
            new("ridge", "Added to the diagonal of the least squares.", 1e-3) { Minimum = 1e-12, Maximum = 1e6 },
            .. ParallelOptions.States,
        ],
    };

    private static ParallelMethodDescriptor Jacobi => new(making => new WindowIteration(_ => new Jacobi(making.ByState), new BlockReach(making.Options.Integer("block")))
    {
        VariationSteps = making.Options.Integer("variation_steps"),
    }, WindowEvaluations)
    {
        Id = "jacobi",
        Name = "Jacobi iteration in blocks, Gauss-Seidel between them",
        Aliases = ["gauss-seidel", "gs-jacobi"],
        Source = "Song et al. 2021, arXiv:2002.03629, Algorithms 1 and 3",
        Group = "a block of steps",
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-3), ParallelOptions.Window,
            ParallelOptions.Count("block", "Steps a block: 1 is Gauss-Seidel, the plain run.", 16, 1, MaxSteps), .. ParallelOptions.States,
        ],
    };

    private static ParallelMethodDescriptor Parareal => new(making => new Parareal(
        making.ByState, making.Options.Integer("blocks") is > 0 and var blocks ? blocks : null, Enum.Parse<CoarseEvaluator>(making.Options.Text("coarse"), ignoreCase: true)), (steps, _) => 3 * steps + 3 * (int)Math.Ceiling(Math.Sqrt(steps)))
    {
        Id = "parareal",
        Name = "SRDS (parareal)",
        Aliases = ["srds"],
        Source = "Selvam et al. 2024, arXiv:2412.08292, Algorithm 1",
        Group = "a step of each block",
        AllowsNoise = false,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-2), ParallelOptions.Window,
            ParallelOptions.Count("blocks", "Blocks that the steps are cut into; 0 is the square root of their number.", 0, 0, MaxSteps),
            new("coarse", "What the coarse solver jumps by: an evaluation at each block (network), the prediction of the sweep before (cached), or that and linear forecasts in the first sweep (forecast).", "network")
            {
                Allowed = ["network", "cached", "forecast"],
            },
        ],
    };

    private static ParallelMethodDescriptor Chords => new(making => new Chords(
        making.ByState, making.Options.Integer("cores"), making.Options.Integer("take") is > 0 and var take ? take : null), (steps, width) => Math.Max(steps, steps * Math.Min(width, Sampling.Chords.MaximumCores) / 2))
    {
        Id = "chords",
        Name = "CHORDS",
        Source = "Han et al. 2025, arXiv:2507.15260, Algorithm 1",
        Group = "a step of each core",
        AllowsNoise = false,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-2), ParallelOptions.Window,
            ParallelOptions.Count("cores", "Cores that march side by side; fewer where the window is narrower at the start.", 8, 1, Sampling.Chords.MaximumCores),
            ParallelOptions.Count("take", "Core whose result is taken, from the fastest, 1; 0: the first that agrees with the one before within the tolerance.", 0, 0, Sampling.Chords.MaximumCores),
        ],
    };

    private static ParallelMethodDescriptor ParaDpmSolver => new(making => new WindowIteration(_ => new ParaDpmSolver(making.ByNoise), new SlidingReach()), WindowEvaluations)
    {
        Id = "para-dpmsolver",
        Name = "ParaDPMSolver, order 2",
        Aliases = ["ParaDPMSolverMultistepScheduler"],
        Source = "Shih et al. 2023, arXiv:2305.16317, code",
        Group = "a window of steps",
        IsExactAtZero = false,
        KeepsStates = false,
        Sampler = "dpmpp-2m",
        Options = [ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window],
    };

    private static ParallelMethodDescriptor PicardConsistency => new(making => new WindowIteration(
        _ => new PicardConsistency(making.ByNoise, making.Options.Number("speed"), making.Options.Integer("iterations")), new SlidingReach()), (steps, width) => 2 * WindowEvaluations(steps, width))
    {
        Id = "picard-consistency",
        Name = "Picard consistency model",
        Aliases = ["pcm"],
        Source = "So et al. 2025, arXiv:2503.19731",
        Group = "a window of steps, of both models",
        NeedsConsistencyModel = true,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfNoise(0.02), ParallelOptions.Window,
            new("speed", "s: how fast the consistency model is faded out.", 1.0) { Minimum = 1e-3, Maximum = 1000 },
            ParallelOptions.Count("iterations", "K: iterations of a state over which it is faded out at speed 1.", 2, 1, MaxSteps),
        ],
    };

    // On the embedded model, 50 steps: 2.1 to 3.1 times the plain run with a window of 8, 3.0 to 4.6 times with 16, 4.7 to 7.5 times with 32.
    private static int WindowEvaluations(int steps, int width) => (int)Math.Ceiling(steps * (1 + 0.17 * (Math.Min(width, steps) - 1)));
}
