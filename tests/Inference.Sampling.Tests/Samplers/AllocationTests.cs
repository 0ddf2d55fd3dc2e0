namespace Inference.Sampling.Tests;

/// <summary>A step allocates nothing: runs of 10 and of 40 steps allocate the same.</summary>
public class AllocationTests
{
    private static readonly LatentShape _shape = new(1, 4, 4);

    private static readonly Dictionary<string, ISampler> _samplers = new()
    {
        ["Euler"] = new Euler(new() { Amount = 5 }),
        ["EulerAncestral"] = new EulerAncestral(new()),
        ["Heun"] = new Heun(new() { Amount = 5 }),
        ["Kdpm2"] = new Kdpm2(ChurnOptions.None),
        ["Kdpm2Ancestral"] = new Kdpm2Ancestral(new()),
        ["Lms"] = new Lms(4),
        ["DpmSolverPlusPlus2SAncestral"] = new DpmSolverPlusPlus2SAncestral(new()),
        ["DpmSolverPlusPlusSde"] = new DpmSolverPlusPlusSde(new()),
        ["DpmSolverPlusPlus2MSde"] = new DpmSolverPlusPlus2MSde(new(), DpmFormula.Heun),
        ["DpmSolverPlusPlus3MSde"] = new DpmSolverPlusPlus3MSde(new()),
        ["DpmFast"] = new DpmFast(new()),
        ["OriginalDpmSinglestep"] = new OriginalDpmSinglestep(new() { Order = 3 }),
    };

    public static TheoryData<string> Cases => [.. _samplers.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_AllocateNothing(string name)
    {
        var (few, many) = (Scaling.Flow.Even(10, 0.1, 10), Scaling.Flow.Even(10, 0.1, 40));
        Allocated(_samplers[name], many);
        Assert.Equal(Allocated(_samplers[name], few), Allocated(_samplers[name], many));
    }

    private static long Allocated(ISampler sampler, Trajectory trajectory)
    {
        using var x = Latent.From(_shape, new float[_shape.Length]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var run = sampler.SampleAsync(new HalvingDenoiser(), x, trajectory, new ConstantNoise(), NullObserver.Instance, default);
        Assert.True(run.IsCompletedSuccessfully);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class ConstantNoise : INoise
    {
        public void Fill(int draw, Latent destination) => destination.Values.Fill(1);
    }

    private sealed class HalvingDenoiser : IDenoiser
    {
        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            clean.Set(0.5 * x);
            return ValueTask.CompletedTask;
        }

        public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
