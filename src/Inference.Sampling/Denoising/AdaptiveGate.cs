namespace Inference.Sampling;

/// <summary>Adaptive guidance (Castillo et al. 2023, arXiv:2312.12487, eq. 7): when the predicted noises of both branches point the same way, the
/// unconditional branch adds nothing and is left out at all cleaner levels.</summary>
/// <param name="threshold">γ̄: the cosine from which on guidance is off.</param>
internal sealed class AdaptiveGate(double threshold) : IGuidanceGate
{
    // The noisiest level at which the branches agreed.
    private double _agreed = double.NegativeInfinity;

    public bool IsOpen(NoiseLevel level) => level.Kappa > _agreed;

    public void Observe(Latent x, NoiseLevel level, Preconditioning preconditioning, Latent conditional, Latent unconditional)
    {
        // The noise in x = α·x0 + σ·n, with x0 = skip·x + out·output, is a line in x and output.
        var onX = (1 - level.Alpha * preconditioning.Skip) / level.Sigma;
        var onOutput = -level.Alpha * preconditioning.Out / level.Sigma;
        var (dot, c2, u2) = (0.0, 0.0, 0.0);
        var state = x.Values;
        var outputs = conditional.Values;
        var others = unconditional.Values;
        for (var i = 0; i < state.Length; i++)
        {
            var c = onX * state[i] + onOutput * outputs[i];
            var u = onX * state[i] + onOutput * others[i];
            dot += c * u;
            c2 += c * c;
            u2 += u * u;
        }
        if (dot >= threshold * Math.Sqrt(c2 * u2))
            _agreed = Math.Max(_agreed, level.Kappa);
    }
}
