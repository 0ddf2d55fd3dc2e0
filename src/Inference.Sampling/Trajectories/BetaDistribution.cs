namespace Inference.Sampling;

/// <summary>The Beta distribution, for the beta schedule (DLMF 8.17).</summary>
internal static class BetaDistribution
{
    /// <summary>The x with P(X ≤ x) = <paramref name="probability"/>, by bisection: the distribution function is monotonic and cheap.</summary>
    public static double Quantile(double probability, double a, double b)
    {
        if (probability <= 0)
            return 0;
        if (probability >= 1)
            return 1;
        var (low, high) = (0.0, 1.0);
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle == low || middle == high)
                return middle;
            if (Cumulative(middle, a, b) < probability)
                low = middle;
            else
                high = middle;
        }
    }

    /// <summary>The regularized incomplete beta function I_x(a, b).</summary>
    public static double Cumulative(double x, double a, double b)
    {
        if (x <= 0 || x >= 1)
            return x <= 0 ? 0 : 1;
        // The continued fraction converges fast below the mean; above it the symmetric form is used.
        return x < (a + 1) / (a + b + 2) ? Lower(x, a, b) : 1 - Lower(1 - x, b, a);
    }

    private static double Lower(double x, double a, double b) =>
        Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) / (a * ContinuedFraction(x, a, b));

    // Evaluated backwards from a depth where nothing changes any more (DLMF 8.17.22).
    private static double ContinuedFraction(double x, double a, double b)
    {
        const int depth = 100;
        var value = 1.0;
        for (var m = depth; m >= 1; m--)
        {
            var k = m / 2;
            var d = m % 2 == 0
                ? k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
                : -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
            value = 1 + d / value;
        }
        return value;
    }

    // Stirling's series after moving the argument above 15 (DLMF 5.11.1).
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++)
            shift -= Math.Log(x);
        var y = 1 / (x * x);
        var series = (1 / 12.0 - y * (1 / 360.0 - y * (1 / 1260.0 - y * (1 / 1680.0 - y / 1188.0)))) / x;
        return shift + (x - 0.5) * Math.Log(x) - x + Math.Log(2 * Math.PI) / 2 + series;
    }
}
