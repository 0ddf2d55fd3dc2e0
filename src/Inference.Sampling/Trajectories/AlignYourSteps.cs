namespace Inference.Sampling;

/// <summary>Optimized timesteps of Align Your Steps (Sabour et al. 2024, arXiv:2404.14507; the tables as published for 10 steps).</summary>
internal static class AlignYourSteps
{
    private static readonly int[] _stableDiffusion = [999, 850, 736, 645, 545, 455, 343, 233, 124, 24];
    private static readonly int[] _stableDiffusionXl = [999, 845, 730, 587, 443, 310, 193, 116, 53, 13];

    /// <summary>Noise-to-signal ratios for any number of steps: ln κ of the table, interpolated linearly over the index (the authors' rule).</summary>
    public static double[] Kappas(SigmaRamp ramp, VariancePreservingSchedule schedule, int count)
    {
        var table = ramp == SigmaRamp.AlignYourStepsXl ? _stableDiffusionXl : _stableDiffusion;
        var logs = Array.ConvertAll(table, t => schedule.LogKappas[Math.Min(t, schedule.Count - 1)]);
        return Array.ConvertAll(Grid.Linspace(0, table.Length - 1, count), position =>
        {
            var low = Math.Min((int)position, table.Length - 2);
            return Math.Exp(logs[low] + (logs[low + 1] - logs[low]) * (position - low));
        });
    }
}
