using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>What a user did wrong is said by name.</summary>
public class SamplerErrorTests
{
    private static readonly Trajectory _short = Scaling.VarianceExploding.Even(10, 0.1, 2);
    private static readonly Trajectory _fromPureNoise = Scalings.Through(new NoiseLevel(0, 1), new NoiseLevel(0.5, 0.5), new NoiseLevel(1, 0));
    private static readonly Trajectory _toClean = Scalings.Through(Scaling.VarianceExploding.Level(10), Scaling.VarianceExploding.Level(1), new NoiseLevel(1, 0));
    private static readonly Trajectory _oneStep = Scalings.Through(Scaling.VarianceExploding.Level(10), new NoiseLevel(1, 0));

    private static readonly Dictionary<string, (string Parameter, Func<ISampler> Sampler, Trajectory Trajectory)> _errors = new()
    {
        ["order of no method"] = ("order", () => new OriginalDpmSinglestep(new() { Order = 4 }), _short),
        ["steps no multiple of order"] = ("steps", () => new OriginalDpmSinglestep(new() { Order = 3, Orders = SinglestepOrders.Fixed }), Scaling.Flow.Even(9, 1, 4)),
        ["singlestep to clean data"] = ("sampler", () => new OriginalDpmSinglestep(new()), _toClean),
        ["adaptive from pure noise"] = ("sampler", () => new DpmAdaptive(new()), _fromPureNoise),
        ["fast from pure noise"] = ("sampler", () => new DpmFast(new()), _fromPureNoise),
        ["fast over one level"] = ("steps", () => new DpmFast(new()), _oneStep),
        ["adaptive order"] = ("order", () => new DpmAdaptive(new() { Order = 1 }), _short),
        ["adaptive limit"] = ("max_attempts", () => new DpmAdaptive(new() { MaximumAttempts = 3 }), _short),
        ["authors' adaptive limit"] = ("max_attempts", () => new OriginalDpmAdaptive(new() { MaximumAttempts = 1 }), _short),
        ["tolerance zero"] = ("atol", () => new DpmAdaptive(new() { AbsoluteTolerance = 0 }), _short),
        ["tolerance not a number"] = ("rtol", () => new OriginalDpmAdaptive(new() { RelativeTolerance = double.NaN }), _short),
        ["negative eta"] = ("eta", () => new EulerAncestral(new() { Eta = -1 }), _short),
        ["negative noise"] = ("s_noise", () => new DpmSolverPlusPlus3MSde(new() { NoiseScale = -1 }), _short),
        ["negative churn"] = ("s_churn", () => new Heun(new() { Amount = -1 }), _short),
        ["churn range upside down"] = ("s_tmax", () => new Euler(new() { Minimum = 2, Maximum = 1 }), _short),
        ["LMS of order 7"] = ("order", () => new Lms(7), _short),
        ["middle outside the step"] = ("r", () => new DpmSolverPlusPlusSde(new() { MiddleRatio = 1.5 }), _short),
        ["step of length zero"] = ("h_init", () => new DpmAdaptive(new() { StepSize = new() { InitialStep = 0 } }), _short),
    };

    public static TheoryData<string> Cases => [.. _errors.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Misuse_NamesTheOption(string name)
    {
        var (parameter, sampler, trajectory) = _errors[name];
        using var x = Latent.From(new(1, 1, 2), [1, 2]);
        var error = await Assert.ThrowsAsync<SamplingOptionException>(async () => await sampler().SampleAsync(
            new RecordingDenoiser(new GaussianMixture([1], [[0, 0]], [1])), x, trajectory, new StoredNoise([], []), NullObserver.Instance, default));
        Assert.Equal(parameter, error.Parameter);
    }
}
