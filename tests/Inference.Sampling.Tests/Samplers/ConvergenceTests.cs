using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The observed order of accuracy on Gaussian data, whose probability-flow ODE is solved by (x/α - m)/√(s² + κ²) = const.</summary>
public class ConvergenceTests
{
    private const double Mean = 0.8;
    private const double Deviation = 0.5;
    private const double First = 10;
    private const double Last = 0.1;
    private static readonly LatentShape _shape = new(1, 2, 2);

    private static readonly Dictionary<string, (ISampler Sampler, int Order, int Steps)> _samplers = new()
    {
        ["Euler"] = (new Euler(ChurnOptions.None), 1, 64),
        ["EulerAncestral"] = (new EulerAncestral(new() { Eta = 0 }), 1, 64),
        ["Heun"] = (new Heun(ChurnOptions.None), 2, 32),
        ["Kdpm2"] = (new Kdpm2(ChurnOptions.None), 2, 32),
        ["Kdpm2Ancestral"] = (new Kdpm2Ancestral(new() { Eta = 0 }), 2, 32),
        ["Lms1"] = (new Lms(1), 1, 64),
        ["Lms2"] = (new Lms(2), 2, 64),
        ["Lms3"] = (new Lms(3), 3, 32),
        ["DpmSolverPlusPlus2SAncestral"] = (new DpmSolverPlusPlus2SAncestral(new() { Eta = 0 }), 2, 32),
        ["DpmSolverPlusPlusSde"] = (new DpmSolverPlusPlusSde(new() { Eta = 0 }), 2, 32),
        ["DpmSolverPlusPlus2MSdeMidpoint"] = (new DpmSolverPlusPlus2MSde(new() { Eta = 0 }, DpmFormula.Midpoint), 2, 64),
        ["DpmSolverPlusPlus2MSdeHeun"] = (new DpmSolverPlusPlus2MSde(new() { Eta = 0 }, DpmFormula.Heun), 2, 64),
        ["DpmSolverPlusPlus3MSde"] = (new DpmSolverPlusPlus3MSde(new() { Eta = 0 }), 2, 64),
        // Its last step is of order 1 and as long as the others: one error of order h².
        ["DpmFast"] = (new DpmFast(new() { Eta = 0 }), 2, 36),
        ["SinglestepNoise1"] = (Singlestep(DpmForm.Noise, 1), 1, 64),
        ["SinglestepNoise2"] = (Singlestep(DpmForm.Noise, 2), 2, 64),
        ["SinglestepNoise3"] = (Singlestep(DpmForm.Noise, 3), 3, 36),
        ["SinglestepData2"] = (Singlestep(DpmForm.Data, 2), 2, 64),
        ["SinglestepData3"] = (Singlestep(DpmForm.Data, 3), 3, 36),
    };

    public static TheoryData<string, Scaling> Cases
    {
        get
        {
            var data = new TheoryData<string, Scaling>();
            foreach (var name in _samplers.Keys)
                foreach (var scaling in Enum.GetValues<Scaling>())
                    data.Add(name, scaling);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Error_FallsWithTheOrder(string name, Scaling scaling)
    {
        var (sampler, order, steps) = _samplers[name];
        var coarse = await ErrorAsync(sampler, scaling, steps);
        var fine = await ErrorAsync(sampler, scaling, 2 * steps);
        Assert.True(fine < 0.05, $"error {fine}");
        Assert.InRange(Math.Log2(coarse / fine), order - 0.3, order + 0.8);
    }

    private static ISampler Singlestep(DpmForm form, int order) => new OriginalDpmSinglestep(new() { Form = form, Order = order, Orders = SinglestepOrders.Fixed });

    private static async Task<double> ErrorAsync(ISampler sampler, Scaling scaling, int steps)
    {
        var denoiser = new RecordingDenoiser(new GaussianMixture([1], [[Mean, Mean, Mean, Mean]], [Deviation]));
        var trajectory = scaling.Even(First, Last, steps);
        using var x = Latent.From(_shape, [.. new[] { -2.0, -0.5, 0.7, 1.9 }.Select(z => (float)(scaling.Level(First).Alpha * At(z, First)))]);
        await sampler.SampleAsync(denoiser, x, trajectory, new StoredNoise([], []), NullObserver.Instance, default);
        var alpha = scaling.Level(Last).Alpha;
        return Math.Sqrt(new[] { -2.0, -0.5, 0.7, 1.9 }.Select((z, i) => Math.Pow(x.Values[i] / alpha - At(z, Last), 2)).Average());
    }

    private static double At(double z, double kappa) => Mean + z * Math.Sqrt(Deviation * Deviation + kappa * kappa);
}
