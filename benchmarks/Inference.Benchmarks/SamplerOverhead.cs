using BenchmarkDotNet.Attributes;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>A whole run at 4x64x64 with a denoiser that completes at once. What a run costs once cancels out between a long and a short one.</summary>
public class SamplerOverhead
{
    public const int ShortSteps = 10;
    public const int LongSteps = 50;

    private static readonly LatentShape _shape = new(4, 64, 64);

    private static readonly SamplingPlanner _model = new(SchedulerConfig.Parse("""
        { "_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "timestep_spacing": "trailing" }
        """));

    private readonly ConstantDenoiser _denoiser = new();
    private readonly PhiloxNoise _noise = new(1);
    private Latent _x = null!;
    private SamplingPlan _short = null!;
    private SamplingPlan _long = null!;

    /// <summary>Id of the sampler.</summary>
    [ParamsSource(nameof(Samplers))]
    public string Sampler { get; set; } = "";

    /// <summary>Every sampler that fits a variance-preserving model and takes as many steps as it is told.</summary>
    public static IEnumerable<string> Samplers =>
        SamplerRegistry.All.Where(sampler => sampler.Processes.Contains(NoiseProcess.VariancePreserving) && sampler.EvaluationsPerStep > 0).Select(sampler => sampler.Id);

    /// <summary>Evaluations of the long run beyond those of the short one.</summary>
    public static int ExtraEvaluations(string sampler) => Plan(sampler, LongSteps).Evaluations!.Value - Plan(sampler, ShortSteps).Evaluations!.Value;

    /// <summary>Bytes that the long run allocates beyond those of the short one; the least of several runs, as the runtime allocates now and then itself.</summary>
    public static long ExtraBytes(string sampler)
    {
        const int Repetitions = 5;
        var overhead = new SamplerOverhead { Sampler = sampler };
        overhead.Setup();
        var extra = Least(overhead.Long) - Least(overhead.Short);
        overhead.Cleanup();
        return extra;

        static long Least(Action run)
        {
            var least = long.MaxValue;
            for (var i = 0; i < Repetitions; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                run();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    [GlobalSetup]
    public void Setup()
    {
        _x = Latent.Rent(_shape);
        (_short, _long) = (Plan(Sampler, ShortSteps), Plan(Sampler, LongSteps));
    }

    [GlobalCleanup]
    public void Cleanup() => _x.Dispose();

    [Benchmark]
    public void Short() => Run(_short);

    [Benchmark]
    public void Long() => Run(_long);

    private static SamplingPlan Plan(string sampler, int steps) => _model.Plan(new() { Sampler = sampler, Steps = steps });

    private void Run(SamplingPlan plan)
    {
        _noise.Fill(0, _x);
        _x.Set(plan.Trajectory.InitialScale * _x);
        var run = plan.Integrator.SampleAsync(_denoiser, _x, plan.Trajectory, _noise, NullObserver.Instance, CancellationToken.None);
        if (!run.IsCompletedSuccessfully)
            throw new InvalidOperationException($"{Sampler} did not complete at once.");
    }

    private sealed class ConstantDenoiser : IDenoiser
    {
        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            clean.Values.Fill(0.1f);
            return ValueTask.CompletedTask;
        }

        public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
        {
            foreach (var query in group.Span)
                query.Clean.Values.Fill(0.1f);
            return ValueTask.CompletedTask;
        }
    }
}
