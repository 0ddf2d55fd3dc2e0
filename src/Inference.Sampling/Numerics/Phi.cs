namespace Inference.Sampling;

/// <summary>
/// The functions φ_k(z) = ∫₀¹ e^{(1-θ)z} θ^{k-1}/(k-1)! dθ of exponential integrators (Hochbruck &amp; Ostermann 2010, Acta Numerica 19, eq. 2.10):
/// φ₁(z) = (e^z - 1)/z, φ_{k+1}(z) = (φ_k(z) - 1/k!)/z.
/// </summary>
internal static class Phi
{
    private const int SeriesTerms = 20;

    /// <summary>φ_k(z) for k ≥ 1.</summary>
    public static double Of(int k, double z)
    {
        // The recurrence cancels for small z; the series Σ z^j/(j+k)! does not.
        if (Math.Abs(z) < 1)
        {
            var sum = 0.0;
            for (var j = SeriesTerms; j > 0; j--)
                sum = (sum + 1) * z / (j + k);
            return (sum + 1) / Factorial(k);
        }
        var phi = (Math.Exp(z) - 1) / z;
        for (var i = 1; i < k; i++)
            phi = (phi - 1 / Factorial(i)) / z;
        return phi;
    }

    public static double Factorial(int k)
    {
        var product = 1.0;
        for (var i = 2; i <= k; i++)
            product *= i;
        return product;
    }
}
