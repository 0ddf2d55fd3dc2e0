using System.Globalization;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>One setting of the figures of parallel sampling.</summary>
/// <param name="Series">What it is a point of in the plot.</param>
/// <param name="Name">What tells it apart in its series.</param>
/// <param name="Sampler">The sampler.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Parallel">The method; null takes one step after the other.</param>
internal sealed record ParallelSetting(string Series, string Name, string Sampler, int Steps, ParallelRequest? Parallel)
{
    /// <summary>Sigma schedule; null is the sampler's own.</summary>
    public string? Schedule { get; init; }

    /// <summary>Steps of the run that is known to be nearly exact.</summary>
    public const int ReferenceSteps = 200;

    private static readonly int[] Windows = [8, 16, 32];

    /// <summary>The nearly exact run that solvers are compared by.</summary>
    public static ParallelSetting Reference { get; } = new("reference", "Heun, 200 steps", "heun", ReferenceSteps, null);

    /// <summary>The settings measured at a number of steps, the plain run first, then plain runs that are simply shorter, then the methods.</summary>
    public static IReadOnlyList<ParallelSetting> All(int steps) =>
    [
        new("plain", $"DDIM, {steps} steps", "ddim", steps, null),
        .. new[] { 10, 15, 20, 30 }.Select(count => new ParallelSetting("DPM-Solver++(2M)", $"{count} steps", "dpmpp-2m", count, null)),
        .. new[] { 10, 20 }.Select(count => new ParallelSetting("DPM-Solver++(2M), schedule focused", $"{count} steps", "dpmpp-2m", count, null) { Schedule = "focused" }),
        new("plain", "DDIM, 20 steps", "ddim", 20, null),
        Method("ParaDiGMS, defaults on 6 + 0.2 ms", steps, "picard", ("window", 16)),
        .. from window in Windows
           from tolerance in (double[])[0.1, 0.01, 0.001]
           select Method($"ParaDiGMS, window {window}", steps, "picard", ("tolerance", tolerance), ("window", window)),
        .. from window in Windows
           select Method($"ParaTAA, window {window}", steps, "parataa", ("tolerance", 0.001), ("window", window), ("order", steps)),
        Method("ParaDiGMS, all steps", steps, "picard", ("tolerance", 0.01), ("window", steps)),
        Method("ParaTAA, all steps", steps, "parataa", ("tolerance", 0.001), ("window", steps), ("order", steps)),
        Method("ParaTAA, all steps", steps, "parataa", ("tolerance", 0.001), ("window", steps), ("order", steps), ("memory", 3)),
        Method("ParaTAA, all steps", steps, "parataa", ("tolerance", 0.01), ("window", steps), ("order", steps), ("memory", 3)),
        Method("unrolled, not accelerated, all steps", steps, "parataa", ("tolerance", 0.001), ("window", steps), ("order", steps), ("memory", 1)),
        .. from coarse in (string[])["network", "cached", "forecast"]
           select Method("SRDS", steps, "parareal", ("tolerance", 0.1), ("window", 32), ("coarse", coarse)),
        Method("SRDS", steps, "parareal", ("tolerance", 0.01), ("window", 32)),
        Method("CHORDS", steps, "chords", ("cores", 8), ("take", 1), ("window", 8)),
        Method("CHORDS", steps, "chords", ("cores", 8), ("tolerance", 0.01), ("window", 8)),
        Method("CHORDS", steps, "chords", ("cores", 4), ("take", 1), ("window", 4)),
    ];

    /// <summary>The request of a prompt.</summary>
    public GenerationRequest Request(int prompt) =>
        new() { Prompt = CachingPrompts.All[prompt], Seed = prompt, Steps = Steps, Sampler = Sampler, Schedule = Schedule, GuidanceScale = 4, Parallel = Parallel };

    private static ParallelSetting Method(string series, int steps, string method, params (string Name, object Value)[] options) => new(
        series, string.Join(", ", options.Where(option => option.Name != "window" || method is "parareal").Select(option => string.Create(CultureInfo.InvariantCulture, $"{option.Name} {option.Value}"))),
        "ddim", steps, new(method, options.ToDictionary(option => option.Name, option => option.Value is int whole ? (double)whole : option.Value)));
}
