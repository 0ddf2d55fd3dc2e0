namespace Inference.LoadTest;

/// <summary>How much less a series in time tells than independent samples would: neighbours in a queue wait together.</summary>
/// <param name="DesignEffect">Variance of the mean over that of independent samples, from 1 (Kish 1965, "Survey Sampling", 8.2).</param>
/// <param name="Quantile">Half-width in standard errors for 95 %.</param>
internal readonly record struct Dependence(double DesignEffect, double Quantile)
{
    private const int Batches = 20;
    private const int LeastForBatches = 100;

    /// <summary>From a series of hits in time order by batch means (Law 2015, "Simulation Modeling and Analysis", 9.5.3); a series under 100 is too short to tell and is taken as independent.</summary>
    public static Dependence Of(IReadOnlyList<bool> hits)
    {
        var share = hits.Count == 0 ? 0 : hits.Count(hit => hit) / (double)hits.Count;
        if (hits.Count < LeastForBatches || share is 0 or 1)
            return new(1, Normal.Z);
        var sum = 0.0;
        for (var batch = 0; batch < Batches; batch++)
        {
            var (from, to) = ((int)((long)hits.Count * batch / Batches), (int)((long)hits.Count * (batch + 1) / Batches));
            var count = 0;
            for (var i = from; i < to; i++)
                count += hits[i] ? 1 : 0;
            sum += Math.Pow(count / (double)(to - from) - share, 2);
        }
        var measured = sum / (Batches - 1) / Batches;
        var independent = share * (1 - share) / hits.Count;
        return new(Math.Max(1, measured / independent), Normal.StudentT(Batches - 1));
    }
}
