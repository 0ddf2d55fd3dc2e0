namespace Inference.Sampling;

/// <summary>Shifting the noise shares of flow models towards noise for larger pictures (Esser et al. 2024, arXiv:2403.03206, eq. 23).</summary>
public static class FlowShift
{
    /// <summary>s → shift·s / (1 + (shift-1)·s).</summary>
    public static double Apply(double shift, double s) => shift * s / (1 + (shift - 1) * s);

    /// <summary>The exponent μ by number of image tokens: a line through (base tokens, base shift) and (maximal tokens, maximal shift) (Flux).</summary>
    public static double Mu(int tokens, int baseTokens, int maxTokens, double baseShift, double maxShift) =>
        baseShift + (maxShift - baseShift) / (maxTokens - baseTokens) * (tokens - baseTokens);

    /// <summary>Scales 1 - s so that the last s becomes <paramref name="terminal"/> (diffusers, <c>shift_terminal</c>).</summary>
    public static void StretchToTerminal(double[] s, double terminal)
    {
        var scale = (1 - s[^1]) / (1 - terminal);
        for (var i = 0; i < s.Length; i++)
            s[i] = 1 - (1 - s[i]) / scale;
    }
}
