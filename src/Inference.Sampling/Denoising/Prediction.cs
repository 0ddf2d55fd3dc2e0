namespace Inference.Sampling;

/// <summary>What a network's output means, as the line x0 = <see cref="Preconditioning.Skip"/>·x + <see cref="Preconditioning.Out"/>·output,
/// and how its input is scaled: input = <see cref="Preconditioning.In"/>·x (Karras et al. 2022, arXiv:2206.00364, eq. 7, for every kind of network).</summary>
public readonly record struct Preconditioning(double In, double Skip, double Out);

/// <summary>Turns a network's raw output into predicted clean data at a noise level of any scaling.</summary>
public interface IPrediction
{
    /// <summary>Name as in diffusers' <c>prediction_type</c>.</summary>
    string Name { get; }

    Preconditioning At(NoiseLevel level);
}

/// <summary>The predictions that networks make. Variance-preserving kinds scale their input to α² + σ² = 1, flow to α + σ = 1.</summary>
public static class Predictions
{
    /// <summary>Predicts the noise: x = α·x0 + σ·ε.</summary>
    public static IPrediction Epsilon { get; } = new EpsilonPrediction();

    /// <summary>Predicts v = α·ε - σ·x0 (Salimans &amp; Ho 2022, arXiv:2202.00512).</summary>
    public static IPrediction V { get; } = new VPrediction();

    /// <summary>Predicts x0 itself.</summary>
    public static IPrediction Sample { get; } = new SamplePrediction();

    /// <summary>Predicts the flow velocity ε - x0 (Lipman et al. 2022, arXiv:2210.02747), x = (1-s)·x0 + s·ε.</summary>
    public static IPrediction Flow { get; } = new FlowPrediction();

    private static (double Scale, double Alpha, double Sigma) VariancePreserving(NoiseLevel level)
    {
        var scale = 1 / Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma);
        return (scale, level.Alpha * scale, level.Sigma * scale);
    }

    private sealed class EpsilonPrediction : IPrediction
    {
        public string Name => "epsilon";

        public Preconditioning At(NoiseLevel level)
        {
            var (scale, _, _) = VariancePreserving(level);
            return new(scale, 1 / level.Alpha, -level.Sigma / level.Alpha);
        }
    }

    private sealed class VPrediction : IPrediction
    {
        public string Name => "v_prediction";

        public Preconditioning At(NoiseLevel level)
        {
            var (scale, alpha, sigma) = VariancePreserving(level);
            return new(scale, alpha * scale, -sigma);
        }
    }

    private sealed class SamplePrediction : IPrediction
    {
        public string Name => "sample";

        public Preconditioning At(NoiseLevel level) => new(VariancePreserving(level).Scale, 0, 1);
    }

    private sealed class FlowPrediction : IPrediction
    {
        public string Name => "flow_prediction";

        public Preconditioning At(NoiseLevel level)
        {
            var scale = 1 / (level.Alpha + level.Sigma);
            return new(scale, scale, -level.Sigma * scale);
        }
    }
}
