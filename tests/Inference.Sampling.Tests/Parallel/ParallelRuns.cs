using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Runs parallel methods on the mixtures of the golden data, whose every denoising is known in closed form.</summary>
internal static class ParallelRuns
{
    public static LatentShape Shape => GoldenCase.Shape;

    /// <summary>The methods whose result at tolerance 0 is the plain run's, and that need one model.</summary>
    public static IEnumerable<ParallelMethodDescriptor> Exact => ParallelMethods.All.Where(method => method is { IsExactAtZero: true, NeedsConsistencyModel: false });

    public static GaussianMixture Mixture { get; } = GoldenFiles.All.First(file => file.Family == "paradigms").Mixture("A");

    /// <summary>A plan of a method for a sampling plan.</summary>
    public static ParallelPlan Plan(SamplingPlan sampling, string method, params (string Name, object Value)[] options) => ParallelMethods.Plan(
        new(method, options.ToDictionary(option => option.Name, option => option.Value)), sampling, GuidanceOptions.None, ParallelMethods.Find(method)!.NeedsConsistencyModel);

    /// <summary>Stable Diffusion's levels for a sampler.</summary>
    public static SamplingPlan Sampling(string sampler, int steps, params (string Name, object Value)[] options) => new SamplingPlanner(SchedulerConfig.Parse(
        """{ "_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": false, "timestep_spacing": "trailing" }"""))
        .Plan(new() { Sampler = sampler, Steps = steps, SamplerOptions = options.ToDictionary(option => option.Name, option => option.Value) });

    /// <summary>The plain run.</summary>
    public static async Task<float[]> PlainAsync(SamplingPlan plan, ulong seed = 1, IDenoiser? denoiser = null)
    {
        using var x = Start(plan, seed);
        await plan.Integrator.SampleAsync(denoiser ?? new MixtureDenoiser(Mixture), x, plan.Trajectory, new PhiloxNoise(seed), NullObserver.Instance, default);
        return x.Values.ToArray();
    }

    /// <summary>The parallel run.</summary>
    public static async Task<(float[] Result, ParallelUse Use)> RunAsync(
        SamplingPlan sampling, ParallelPlan plan, IWindowBudget budget, ulong seed = 1, Func<ParallelContext, ParallelContext>? with = null, CancellationToken cancellationToken = default)
    {
        using var x = Start(sampling, seed);
        var context = new ParallelContext { Denoiser = new MixtureDenoiser(Mixture), X = x, Trajectory = sampling.Trajectory, Noise = new PhiloxNoise(seed), Budget = budget };
        var use = await plan.SampleAsync(with is null ? context : with(context), cancellationToken);
        return (x.Values.ToArray(), use);
    }

    /// <summary>Largest difference relative to the size of the values.</summary>
    public static double Difference(float[] a, float[] b) => a.Zip(b, (left, right) => Math.Abs((double)left - right) / Math.Max(1, Math.Abs(right))).Max();

    private static Latent Start(SamplingPlan plan, ulong seed)
    {
        var x = Latent.Rent(Shape);
        new PhiloxNoise(seed).Fill(0, x);
        x.Set(plan.Trajectory.InitialScale * x);
        return x;
    }
}

/// <summary>A budget that a seeded generator makes up anew for every iteration.</summary>
internal sealed class RandomBudget(int seed, int widest) : IWindowBudget
{
    private readonly Random _random = new(seed);

    public int Ask(int wanted) => _random.Next(1, widest + 1);
}
