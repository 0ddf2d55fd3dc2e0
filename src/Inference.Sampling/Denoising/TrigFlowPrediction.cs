namespace Inference.Sampling;

/// <summary>
/// The output F of a TrigFlow network (Lu &amp; Song 2024, arXiv:2410.11081, eq. 4), which sees x/σ_d: x0 = cos θ·x - sin θ·σ_d·F with
/// x = cos θ·x0 + sin θ·σ_d·z.
/// </summary>
/// <param name="sigmaData">σ_d, the standard deviation of the data, &gt; 0.</param>
internal sealed class TrigFlowPrediction(double sigmaData) : IPrediction
{
    public string Name => "trigflow";

    public Preconditioning At(NoiseLevel level)
    {
        var noise = level.Sigma / sigmaData;
        var scale = 1 / Math.Sqrt(level.Alpha * level.Alpha + noise * noise);
        return new(scale / sigmaData, level.Alpha * scale * scale, -level.Sigma * scale);
    }
}
