namespace Inference.Sampling.Tests;

/// <summary>With x = α·x0 + σ·ε, a network that answers perfectly must give x0 back, whatever it predicts and however the sampler scales x.</summary>
public class PredictionTests
{
    private const double Clean = 0.8;
    private const double Noise = -1.7;

    public static TheoryData<string, double, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, double, double>();
            foreach (var name in new[] { "epsilon", "v_prediction", "sample", "flow_prediction" })
                foreach (var kappa in new[] { 0.01, 0.5, 1, 14.6, 700 })
                {
                    var vp = 1 / Math.Sqrt(1 + kappa * kappa);
                    cases.Add(name, vp, kappa * vp);
                    cases.Add(name, 1, kappa);
                    cases.Add(name, 1 / (1 + kappa), kappa / (1 + kappa));
                }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void At_APerfectOutput_GivesTheCleanData(string name, double alpha, double sigma)
    {
        var prediction = Named(name);
        var level = new NoiseLevel(alpha, sigma);
        var (_, skip, scale) = prediction.At(level);
        var x = alpha * Clean + sigma * Noise;
        // The network lives in its own scaling and answers there.
        var vp = Math.Sqrt(alpha * alpha + sigma * sigma);
        var output = name switch
        {
            "epsilon" => Noise,
            "v_prediction" => (alpha * Noise - sigma * Clean) / vp,
            "sample" => Clean,
            _ => Noise - Clean,
        };
        Assert.Equal(Clean, skip * x + scale * output, 1e-9 * Math.Max(1, level.Kappa));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void At_ScalesTheInputToWhatTheNetworkWasTrainedOn(string name, double alpha, double sigma)
    {
        var level = Named(name).At(new(alpha, sigma));
        var (a, s) = (level.In * alpha, level.In * sigma);
        Assert.Equal(1, name == "flow_prediction" ? a + s : a * a + s * s, 1e-12);
    }

    [Theory]
    [InlineData("v_prediction", 0)]
    [InlineData("sample", 0)]
    [InlineData("flow_prediction", 1)]
    public void At_PureNoise_IsStillFinite(string name, double skip)
    {
        var level = Named(name).At(new(0, 1));
        Assert.Equal((1, skip), (level.In, level.Skip));
        Assert.True(double.IsFinite(level.Out));
    }

    private static IPrediction Named(string name) =>
        new[] { Predictions.Epsilon, Predictions.V, Predictions.Sample, Predictions.Flow }.Single(prediction => prediction.Name == name);
}
