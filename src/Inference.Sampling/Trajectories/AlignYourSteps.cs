namespace Inference.Sampling;

/// <summary>Optimized timesteps of Align Your Steps (Sabour et al. 2024, arXiv:2404.14507; the tables as published for 10 steps).</summary>
internal static class AlignYourSteps
{
    private static readonly int[] _stableDiffusion = [999, 850, 736, 645, 545, 455, 343, 233, 124, 24];
    private static readonly int[] _stableDiffusionXl = [999, 845, 730, 587, 443, 310, 193, 116, 53, 13];
    private static readonly double[] _video = [700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034];

    /// <summary>Noise-to-signal ratios for any number of steps: ln κ of the table, interpolated linearly over the index (the authors' rule).</summary>
    public static double[] Kappas(SigmaRamp ramp, VariancePreservingSchedule schedule, int count)
    {
        var table = ramp == SigmaRamp.AlignYourStepsXl ? _stableDiffusionXl : _stableDiffusion;
        var logs = Array.ConvertAll(table, t => schedule.LogKappas[Math.Min(t, schedule.Count - 1)]);
        return Interpolated(logs, count);
    }

    /// <summary>σ for any number of steps of Stable Video Diffusion.</summary>
    /// <param name="largest">The largest σ of the model.</param>
    /// <param name="count">Number of values.</param>
    /// <exception cref="SamplingOptionException">The table begins above the largest σ that the model knows.</exception>
    public static double[] VideoSigmas(double largest, int count)
    {
        Require.That(_video[0] <= largest, "schedule",
            $"Schedule '{SigmaRampNames.Of(SigmaRamp.AlignYourStepsVideo)}' begins at σ = {_video[0]}, above the model's sigma_max of {largest}.");
        return Interpolated(Array.ConvertAll(_video, Math.Log), count);
    }

    private static double[] Interpolated(double[] logs, int count) => Array.ConvertAll(Grid.Linspace(0, logs.Length - 1, count), position =>
    {
        var low = Math.Min((int)position, logs.Length - 2);
        return Math.Exp(logs[low] + (logs[low + 1] - logs[low]) * (position - low));
    });
}
