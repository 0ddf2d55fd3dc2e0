namespace Inference.TestKit;

/// <summary>
/// The exact probability flow of a mixture, by a fine fourth-order Runge-Kutta solve in double. The angle θ = atan(σ/α) and the
/// variance-preserving state x = cos θ·x0 + sin θ·ε serve every process: dx/dθ = cos θ·ε - sin θ·x0 is smooth from pure noise to clean data.
/// </summary>
public static class ProbabilityFlow
{
    private const int StepsPerRadian = 4000;

    /// <summary>The state at angle <paramref name="to"/> of the solution that is at <paramref name="x"/> at angle <paramref name="from"/>.</summary>
    public static double[] Solve(GaussianMixture mixture, ReadOnlySpan<double> x, double from, double to)
    {
        var steps = Math.Max(1, (int)Math.Ceiling(Math.Abs(to - from) * StepsPerRadian));
        var h = (to - from) / steps;
        var state = x.ToArray();
        double[] stage = [.. state], k1 = [.. state], k2 = [.. state], k3 = [.. state], k4 = [.. state];
        for (var n = 0; n < steps; n++)
        {
            var theta = from + n * h;
            Slope(mixture, state, theta, k1);
            Add(state, h / 2, k1, stage);
            Slope(mixture, stage, theta + h / 2, k2);
            Add(state, h / 2, k2, stage);
            Slope(mixture, stage, theta + h / 2, k3);
            Add(state, h, k3, stage);
            // The last stage of the last step hits the end exactly, which matters at σ = 0.
            Slope(mixture, stage, n == steps - 1 ? to : theta + h, k4);
            for (var i = 0; i < state.Length; i++)
                state[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
        }
        return state;
    }

    private static void Slope(GaussianMixture mixture, double[] x, double theta, double[] slope)
    {
        var (sigma, alpha) = Math.SinCos(theta);
        mixture.Denoise(x, alpha, sigma, slope);
        for (var i = 0; i < slope.Length; i++)
        {
            // The mixture is smooth, so its score is finite and ε = -σ·score vanishes with σ.
            var epsilon = sigma == 0 ? 0 : (x[i] - alpha * slope[i]) / sigma;
            slope[i] = alpha * epsilon - sigma * slope[i];
        }
    }

    private static void Add(double[] x, double h, double[] slope, double[] sum)
    {
        for (var i = 0; i < x.Length; i++)
            sum[i] = x[i] + h * slope[i];
    }
}
