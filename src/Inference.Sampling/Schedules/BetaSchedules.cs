namespace Inference.Sampling;

/// <summary>The β tables of diffusion training: β_t is the variance added at timestep t. diffusers' names, all in double.</summary>
public static class BetaSchedules
{
    /// <summary>β from <paramref name="first"/> to <paramref name="last"/> in equal steps (Ho et al. 2020, arXiv:2006.11239, section 4).</summary>
    public static double[] Linear(double first, double last, int count) => Grid.Linspace(first, last, count);

    /// <summary>√β in equal steps (Rombach et al. 2022, arXiv:2112.10752, the released Stable Diffusion code).</summary>
    public static double[] ScaledLinear(double first, double last, int count) =>
        Array.ConvertAll(Grid.Linspace(Math.Sqrt(first), Math.Sqrt(last), count), root => root * root);

    /// <summary>The cosine table, β at most 0.999 (Nichol &amp; Dhariwal 2021, arXiv:2102.09672, eq. 17).</summary>
    public static double[] SquaredCosine(int count) =>
        FromAlphaBar(count, static u => Math.Pow(Math.Cos((u + 0.008) / 1.008 * Math.PI / 2), 2));

    /// <summary>ᾱ(u) = e^{-12u} (diffusers, <c>exp</c>).</summary>
    public static double[] Exponential(int count) => FromAlphaBar(count, static u => Math.Exp(-12 * u));

    /// <summary>A logistic ramp over [-6, 6] (diffusers, <c>sigmoid</c>, from GeoDiff).</summary>
    public static double[] Sigmoid(double first, double last, int count) =>
        Array.ConvertAll(Grid.Linspace(-6, 6, count), x => (last - first) / (1 + Math.Exp(-x)) + first);

    /// <summary>Stretches √ᾱ so that nothing of the data is left at the last timestep (Lin et al. 2023, arXiv:2305.08891, Algorithm 1).</summary>
    public static double[] RescaleToZeroTerminalSnr(double[] betas)
    {
        var roots = Array.ConvertAll(CumulativeAlphas(betas), Math.Sqrt);
        var (first, last) = (roots[0], roots[^1]);
        var alphas = Array.ConvertAll(roots, root => Math.Pow((root - last) * first / (first - last), 2));
        var rescaled = new double[betas.Length];
        for (var t = 0; t < betas.Length; t++)
            rescaled[t] = 1 - (t == 0 ? alphas[0] : alphas[t] / alphas[t - 1]);
        return rescaled;
    }

    /// <summary>ᾱ_t = Π (1 - β_i) over i ≤ t.</summary>
    public static double[] CumulativeAlphas(double[] betas)
    {
        var product = 1.0;
        return Array.ConvertAll(betas, beta => product *= 1 - beta);
    }

    private static double[] FromAlphaBar(int count, Func<double, double> alphaBar)
    {
        var betas = new double[count];
        for (var t = 0; t < count; t++)
            betas[t] = Math.Min(1 - alphaBar((t + 1.0) / count) / alphaBar((double)t / count), 0.999);
        return betas;
    }
}
