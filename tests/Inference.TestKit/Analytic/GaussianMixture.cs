namespace Inference.TestKit;

/// <summary>
/// A Gaussian mixture with isotropic components, whose denoiser is known in closed form (tests/golden/README.md, section 2). All arithmetic is in double.
/// </summary>
/// <param name="Weights">Component weights w_k, summing to 1.</param>
/// <param name="Means">Component means m_k, D numbers each.</param>
/// <param name="Deviations">Component standard deviations s_k.</param>
public sealed record GaussianMixture(double[] Weights, double[][] Means, double[] Deviations)
{
    public int Dimension => Means[0].Length;

    /// <summary>Posterior mean x0 of x = alpha·x0 + sigma·noise, written into <paramref name="clean"/>; works at alpha = 0 and at sigma = 0.</summary>
    public void Denoise(ReadOnlySpan<double> x, double alpha, double sigma, Span<double> clean)
    {
        var components = Weights.Length;
        Span<double> logits = stackalloc double[components];
        var largest = double.NegativeInfinity;
        for (var k = 0; k < components; k++)
        {
            var variance = alpha * alpha * Deviations[k] * Deviations[k] + sigma * sigma;
            var distance = 0.0;
            for (var i = 0; i < x.Length; i++)
            {
                var d = x[i] - alpha * Means[k][i];
                distance += d * d;
            }
            logits[k] = Math.Log(Weights[k]) - x.Length / 2.0 * Math.Log(variance) - distance / (2 * variance);
            largest = Math.Max(largest, logits[k]);
        }
        var total = 0.0;
        for (var k = 0; k < components; k++)
            total += logits[k] = Math.Exp(logits[k] - largest);

        clean.Clear();
        for (var k = 0; k < components; k++)
        {
            var variance = alpha * alpha * Deviations[k] * Deviations[k] + sigma * sigma;
            var gain = alpha * Deviations[k] * Deviations[k] / variance;
            for (var i = 0; i < x.Length; i++)
                clean[i] += logits[k] / total * (Means[k][i] + gain * (x[i] - alpha * Means[k][i]));
        }
    }
}
