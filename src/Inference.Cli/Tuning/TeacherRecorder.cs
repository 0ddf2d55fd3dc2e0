using Inference.Experiments;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Records fine trajectories for the search of time steps.</summary>
internal static class TeacherRecorder
{
    /// <summary>The knots: log-uniform in σ/α from the noisiest level of the model's own run to its last.</summary>
    public const int Knots = 61;

    // As GITS has it: one evaluation a step, and exact enough on a fine grid.
    private const string Teacher = "ipndm";

    /// <summary>Levels σ/α of the model's own run from its noisiest to its last before the end.</summary>
    public static async Task<(double Largest, double Smallest)> RangeAsync(DiffusionPipeline pipeline, CancellationToken cancellationToken)
    {
        var levels = new Levels();
        await pipeline.GenerateAsync(new() { Prompt = Prompt(pipeline), ClassLabels = Labels(pipeline), Sampler = Teacher, Schedule = "exponential", Steps = 20, GuidanceScale = 1 }, new(), levels, cancellationToken);
        // Equal ratios: the level before the first that is reached follows from the next two.
        return (levels.Sigmas[0] * levels.Sigmas[0] / levels.Sigmas[1], levels.Sigmas[^2]);
    }

    /// <summary>The knots between two levels.</summary>
    public static IReadOnlyList<double> Grid(double largest, double smallest) => [.. Enumerable.Range(0, Knots).Select(i => largest * Math.Pow(smallest / largest, i / (Knots - 1.0)))];

    /// <summary>The trajectory of a prompt over the knots.</summary>
    public static async Task<TeacherTrajectory> RecordAsync(DiffusionPipeline pipeline, IReadOnlyList<double> sigmas, string prompt, long seed, CancellationToken cancellationToken)
    {
        var levels = new Levels();
        await pipeline.GenerateAsync(new() { Prompt = prompt, ClassLabels = Labels(pipeline), Seed = seed, Sampler = Teacher, Sigmas = sigmas }, new() { MaxSteps = 1000 }, levels, cancellationToken);
        // The first step is of first order, x₁ = r·x₀ + (1 - r)·D₀, which gives the state that it began with.
        var ratio = sigmas[1] / sigmas[0];
        var first = levels.States[0].Zip(levels.Cleans[0], (x, clean) => (float)((x - (1 - ratio) * clean) / ratio)).ToArray();
        return new(sigmas, [first, .. levels.States.SkipLast(1)], levels.Cleans, levels.States[^1]);
    }

    private static string Prompt(DiffusionPipeline pipeline) => pipeline.Classes == 0 ? "a picture" : "";

    private static System.Collections.Immutable.ImmutableArray<int> Labels(DiffusionPipeline pipeline) => pipeline.Classes == 0 ? [] : [0];

    private sealed class Levels : IGenerationObserver
    {
        public List<double> Sigmas { get; } = [];

        public List<float[]> States { get; } = [];

        public List<float[]> Cleans { get; } = [];

        public void OnStep(in PictureStep step)
        {
            var (state, clean) = step.CaptureLatents();
            var level = step.Level;
            Sigmas.Add(level.Kappa);
            States.Add([.. state.Select(value => (float)(value / level.Alpha))]);
            Cleans.Add(clean);
        }
    }
}
