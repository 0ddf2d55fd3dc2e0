namespace Inference.Sampling;

/// <summary>Lagrange basis polynomials ℓ_i, which are 1 at node i and 0 at the other nodes.</summary>
internal static class Lagrange
{
    /// <summary>ℓ_i(at).</summary>
    public static double Evaluate(ReadOnlySpan<double> nodes, int i, double at)
    {
        var product = 1.0;
        for (var m = 0; m < nodes.Length; m++)
            if (m != i)
                product *= (at - nodes[m]) / (nodes[i] - nodes[m]);
        return product;
    }

    /// <summary>Writes the coefficients of ℓ_i by rising power into <paramref name="coefficients"/>, as many as there are nodes.</summary>
    public static void Expand(ReadOnlySpan<double> nodes, int i, Span<double> coefficients)
    {
        coefficients.Clear();
        coefficients[0] = 1;
        var degree = 0;
        for (var m = 0; m < nodes.Length; m++)
        {
            if (m == i)
                continue;
            // Multiply by (θ - node_m) / (node_i - node_m).
            degree++;
            for (var j = degree; j >= 0; j--)
                coefficients[j] = ((j > 0 ? coefficients[j - 1] : 0) - nodes[m] * coefficients[j]) / (nodes[i] - nodes[m]);
        }
    }
}
