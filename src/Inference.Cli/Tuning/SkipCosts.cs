namespace Inference.Cli;

/// <summary>What a skipped evaluation costs under a cache policy, as a part of a full one: measured once a policy on this machine, plain and cached runs taking turns.</summary>
internal sealed class SkipCosts(TuneBench bench)
{
    private const int Rounds = 5;

    private readonly Dictionary<string, double> _ratios = [];

    /// <summary>Cost of a setting in full evaluations.</summary>
    public async Task<double> CostAsync(TuneSetting setting, TuneScore score, CancellationToken cancellationToken) => setting.Cache is null || score.FullShare >= 1
        ? score.Evaluations
        : score.Evaluations * (score.FullShare + (1 - score.FullShare) * await RatioAsync(setting, cancellationToken));

    private async Task<double> RatioAsync(TuneSetting setting, CancellationToken cancellationToken)
    {
        var policy = setting with { Sigmas = null, Steps = 0 };
        if (_ratios.TryGetValue(policy.Key, out var known))
            return known;
        var (plain, cached, share) = (new double[Rounds], new double[Rounds], 1.0);
        for (var round = -1; round < Rounds; round++)
        {
            var slow = await TimeAsync(setting with { Cache = null }, cancellationToken);
            var fast = await TimeAsync(setting, cancellationToken);
            share = fast.Share;
            if (round >= 0)
                (plain[round], cached[round]) = (slow.Milliseconds, fast.Milliseconds);
        }
        Array.Sort(plain);
        Array.Sort(cached);
        var ratio = share >= 1 ? 1 : Math.Clamp((cached[Rounds / 2] / plain[Rounds / 2] - share) / (1 - share), 0, 1);
        _ratios.Add(policy.Key, ratio);
        return ratio;
    }

    private async Task<(double Milliseconds, double Share)> TimeAsync(TuneSetting setting, CancellationToken cancellationToken)
    {
        var result = await bench.Pipeline.GenerateAsync(setting.Request(bench.Prompts[0], 0), new(), null, cancellationToken);
        return (result.Images[0].DenoiseTime.TotalMilliseconds, result.Images[0].Cache?.FullShare ?? 1);
    }
}
