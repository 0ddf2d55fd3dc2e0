namespace Inference.Experiments;

/// <summary>Quantiles of the normal and of Student's distribution.</summary>
public static class Normal
{
    /// <summary>Inverse of the standard normal distribution function: Wichura 1988, Applied Statistics 37(3), algorithm AS 241 (PPND16), right to 16 digits.</summary>
    /// <param name="p">In (0, 1).</param>
    public static double Quantile(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var s = 0.180625 - q * q;
            return q * Ratio(
                s,
                [3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
                [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3]);
        }
        var r = Math.Sqrt(-Math.Log(q < 0 ? p : 1 - p));
        var tail = r <= 5
            ? Ratio(
                r - 1.6,
                [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
                [1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9])
            : Ratio(
                r - 5,
                [6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
                [1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15]);
        return q < 0 ? -tail : tail;
    }

    /// <summary>Standard normal distribution function: the continued fraction of Abramowitz and Stegun 1964, 26.2.14, in the tails, the series 26.2.10 between them.</summary>
    public static double Distribution(double z)
    {
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (Math.Abs(z) < 3)
        {
            var (term, sum) = (z, z);
            for (var k = 1; k < 100 && Math.Abs(term) > 1e-18; k++)
                sum += term *= z * z / (2 * k + 1);
            return 0.5 + density * sum;
        }
        var fraction = Math.Abs(z);
        for (var k = 200; k >= 1; k--)
            fraction = Math.Abs(z) + k / fraction;
        return z < 0 ? density / fraction : 1 - density / fraction;
    }

    /// <summary>Quantile of Student's t: the Cornish-Fisher expansion (Abramowitz and Stegun 1964, 26.7.5), right to 1 % from 4 degrees of freedom.</summary>
    /// <param name="p">In (0, 1).</param>
    /// <param name="degrees">Degrees of freedom, ≥ 1.</param>
    public static double StudentT(double p, double degrees)
    {
        var (z, n) = (Quantile(p), degrees);
        var (z3, z5, z7, z9) = (Math.Pow(z, 3), Math.Pow(z, 5), Math.Pow(z, 7), Math.Pow(z, 9));
        return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
            + (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92160 * n * n * n * n);
    }

    private static double Ratio(double x, ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator) => Polynomial(x, numerator) / Polynomial(x, denominator);

    private static double Polynomial(double x, ReadOnlySpan<double> coefficients)
    {
        var sum = 0.0;
        for (var i = coefficients.Length - 1; i >= 0; i--)
            sum = sum * x + coefficients[i];
        return sum;
    }
}
