namespace Inference.LoadTest;

/// <summary>Points of the normal and Student distributions for two-sided 95 % intervals.</summary>
internal static class Normal
{
    public const double Z = 1.959963984540054;

    /// <summary>0.975 point of Student's t: the Cornish-Fisher expansion (Abramowitz and Stegun 1964, 26.7.5), right to 1 % from 4 degrees of freedom.</summary>
    public static double StudentT(int degrees)
    {
        var (z, n) = (Z, (double)degrees);
        var (z3, z5, z7) = (Math.Pow(z, 3), Math.Pow(z, 5), Math.Pow(z, 7));
        return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
    }
}
