using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>How an analytic network turns its input and its timestep into a noisy state and a level (tests/golden/README.md, section 2).</summary>
/// <param name="State">The noisy state of the data process, as a factor on the input.</param>
/// <param name="Alpha">α of that state.</param>
/// <param name="Sigma">σ of that state.</param>
public readonly record struct AnalyticState(double State, double Alpha, double Sigma);

/// <summary>A network whose output is known in closed form. It sees what a real one sees: the scaled input and the timestep, not the sampler's
/// noise level. All arithmetic is in double; only the output is rounded to float32.</summary>
/// <param name="mixture">The data.</param>
/// <param name="state">What the network takes its input for, by timestep.</param>
/// <param name="output">Output from (input, x0, state): one number of each.</param>
public sealed class AnalyticNetwork(
    GaussianMixture mixture, Func<double, AnalyticState> state, Func<double, double, AnalyticState, double> output) : INetwork
{
    /// <summary>The timesteps of all rows so far.</summary>
    public List<double> Timesteps { get; } = [];

    public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var row in rows.Span)
            Evaluate(row);
        return ValueTask.CompletedTask;
    }

    private void Evaluate(NetworkRow row)
    {
        Timesteps.Add(row.Timestep);
        var at = state(row.Timestep);
        var x = new double[row.Input.Shape.Length];
        for (var i = 0; i < x.Length; i++)
            x[i] = row.Input.Values[i] * at.State;
        var clean = new double[x.Length];
        mixture.Denoise(x, at.Alpha, at.Sigma, clean);
        for (var i = 0; i < x.Length; i++)
            row.Output.Values[i] = (float)output(row.Input.Values[i], clean[i], at);
    }
}

/// <summary>The analytic networks of the golden data.</summary>
public static class AnalyticNetworks
{
    /// <summary>Variance-preserving over a table ᾱ; between timesteps ln α is linear.</summary>
    public static AnalyticNetwork VariancePreserving(GaussianMixture mixture, double[] alphasCumprod, string prediction) =>
        new(mixture, t => VariancePreservingAt(alphasCumprod, t), Output(prediction));

    /// <summary>Rectified flow, s = t / 1000.</summary>
    public static AnalyticNetwork Flow(GaussianMixture mixture, string prediction) =>
        new(mixture, t => new(1, 1 - t / 1000, t / 1000), Output(prediction));

    /// <summary>EDM preconditioning; the timestep is ¼ ln σ.</summary>
    public static AnalyticNetwork Edm(GaussianMixture mixture, double sigmaData, string prediction)
    {
        var sign = prediction == "v_prediction" ? -1 : 1;
        return new(mixture, At, (input, clean, at) =>
        {
            var skip = sigmaData * sigmaData / (at.State * at.State);
            return (clean - skip * at.State * input) / (sign * at.Sigma * sigmaData / at.State);
        });

        AnalyticState At(double t)
        {
            var sigma = Math.Exp(4 * t);
            return new(Math.Sqrt(sigma * sigma + sigmaData * sigmaData), 1, sigma);
        }
    }

    private static AnalyticState VariancePreservingAt(double[] alphasCumprod, double t)
    {
        if (t == Math.Floor(t))
            return new(1, Math.Sqrt(alphasCumprod[(int)t]), Math.Sqrt(1 - alphasCumprod[(int)t]));
        var i = (int)Math.Floor(t);
        var w = t - i;
        var logAlpha = 0.5 * ((1 - w) * Math.Log(alphasCumprod[i]) + w * Math.Log(alphasCumprod[i + 1]));
        return new(1, Math.Exp(logAlpha), Math.Sqrt(1 - Math.Exp(2 * logAlpha)));
    }

    private static Func<double, double, AnalyticState, double> Output(string prediction) => prediction switch
    {
        "epsilon" => (x, clean, at) => Epsilon(x, clean, at),
        "sample" => (_, clean, _) => clean,
        "v_prediction" => (x, clean, at) => at.Alpha * Epsilon(x, clean, at) - at.Sigma * clean,
        "flow_prediction" => (x, clean, at) => Epsilon(x, clean, at) - clean,
        _ => throw new ArgumentException($"Unknown prediction '{prediction}'.", nameof(prediction)),
    };

    private static double Epsilon(double x, double clean, AnalyticState at) => (x - at.Alpha * clean) / at.Sigma;
}
