using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Stochastic samplers keep the distribution: on Gaussian data they end with its mean and spread, whatever η and scaling.</summary>
public class StochasticSamplerTests
{
    private const double Mean = 0.8;
    private const double Deviation = 0.5;
    private const double First = 20;
    private const double Last = 0.1;
    private static readonly LatentShape _shape = new(4, 32, 32);

    private static readonly Dictionary<string, ISampler> _samplers = new()
    {
        ["EulerWithChurn"] = new Euler(new() { Amount = 20 }),
        ["HeunWithChurn"] = new Heun(new() { Amount = 20 }),
        ["Kdpm2WithChurn"] = new Kdpm2(new() { Amount = 20 }),
        ["EulerAncestral"] = new EulerAncestral(new()),
        ["Kdpm2Ancestral"] = new Kdpm2Ancestral(new()),
        ["DpmSolverPlusPlus2SAncestral"] = new DpmSolverPlusPlus2SAncestral(new() { Eta = 0.6 }),
        ["DpmSolverPlusPlusSde"] = new DpmSolverPlusPlusSde(new()),
        ["DpmSolverPlusPlus2MSde"] = new DpmSolverPlusPlus2MSde(new(), DpmFormula.Heun),
        ["DpmSolverPlusPlus3MSde"] = new DpmSolverPlusPlus3MSde(new() { Eta = 0.5 }),
        ["DpmFast"] = new DpmFast(new() { Eta = 0.5 }),
        ["DpmAdaptive"] = new DpmAdaptive(new() { Noise = new() { Eta = 1 }, AbsoluteTolerance = 1e-3, RelativeTolerance = 1e-2 }),
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
    public async Task Result_HasMeanAndDeviationOfTheData(string name, Scaling scaling)
    {
        var noise = new PhiloxNoise(7);
        var mixture = new GaussianMixture([1], [[.. Enumerable.Repeat(Mean, _shape.Length)]], [Deviation]);
        var start = scaling.Level(First);
        using var x = Latent.Rent(_shape);
        using var fresh = Latent.Rent(_shape);
        noise.Fill(0, fresh);
        for (var i = 0; i < _shape.Length; i++)
            x.Values[i] = (float)(start.Alpha * (Mean + Math.Sqrt(Deviation * Deviation + First * First) * fresh.Values[i]));

        await _samplers[name].SampleAsync(
            new RecordingDenoiser(mixture), x, scaling.Even(First, Last, 100), noise, NullObserver.Instance, default);

        var y = x.Values.ToArray().Select(value => value / scaling.Level(Last).Alpha).ToArray();
        var mean = y.Average();
        var deviation = Math.Sqrt(y.Average(value => (value - mean) * (value - mean)));
        // 4096 values: a standard error of 1 % of the deviation, and what 100 steps leave.
        Assert.Equal(Mean, mean, 0.05);
        Assert.Equal(Math.Sqrt(Deviation * Deviation + Last * Last), deviation, 0.04);
    }
}
