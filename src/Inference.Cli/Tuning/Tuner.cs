using Inference.Experiments;

namespace Inference.Cli;

/// <summary>A setting that was scored on all prompts of the search.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Score">Its score.</param>
/// <param name="Cost">Its cost in full evaluations of the guided denoiser.</param>
/// <param name="Origin">Which part of the search it comes from.</param>
internal sealed record TunedPoint(TuneSetting Setting, TuneScore Score, double Cost, string Origin);

/// <summary>What a search is for.</summary>
/// <param name="Target">PSNR to reach, in dB.</param>
/// <param name="SearchPrompts">So many of the bench's prompts are searched with; the rest are held out.</param>
/// <param name="MaxEvaluations">Budgets are tried up to this.</param>
/// <param name="Seed">Seed of the search's choices.</param>
internal sealed record TuneGoal(double Target, int SearchPrompts, int MaxEvaluations, long Seed);

/// <summary>
/// Finds the cheapest setting that reaches a PSNR: samplers and schedules by successive halving at growing budgets, then fewer steps at levels from dynamic programming (GITS)
/// and from evolution (AutoDiffusion), then more steps with a cache. The target is asked of the mean less one standard error, so that it holds on other prompts too.
/// </summary>
internal sealed class Tuner(TuneBench bench, TuneCandidates candidates, TuneGoal goal, Action<string> tell)
{
    private const int Finalists = 8;
    private const int HalvingPrompts = 8;
    // What is farther from the target than this is not worth all prompts.
    private const double Near = 3;
    private const int Solvers = 4;
    private const double Keep = 0.25;
    private static readonly int[] Budgets = [4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28, 32, 40, 50, 64, 80, 100];

    private readonly List<TunedPoint> _points = [];
    private readonly SkipCosts _costs = new(bench);

    /// <summary>Everything that was scored on all prompts of the search.</summary>
    public IReadOnlyList<TunedPoint> Points => _points;

    /// <summary>The cheapest setting that reaches the target; null where none of the search does.</summary>
    public TunedPoint? Best => _points.Where(Reaches).OrderBy(point => point.Cost).ThenByDescending(point => point.Score.Psnr).FirstOrDefault();

    /// <summary>Searches.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SamplersAsync(cancellationToken);
        if (Best is not { } plain)
            return;
        await LevelsAsync((int)plain.Cost, cancellationToken);
        await CachesAsync(plain.Setting, cancellationToken);
    }

    private bool Reaches(TunedPoint point) => point.Score.Psnr - point.Score.Error >= goal.Target;

    private async Task SamplersAsync(CancellationToken cancellationToken)
    {
        foreach (var budget in Budgets.Where(budget => budget <= goal.MaxEvaluations))
        {
            await HalveAsync(candidates.At(budget, bench), "sampler and schedule", cancellationToken);
            if (_points.Where(point => point.Cost == budget).MaxBy(point => point.Score.Psnr) is { } best)
                tell(FormattableString.Invariant($"{budget} evaluations: {best.Score.Psnr:0.0} dB with {best.Setting.Key}"));
            if (Best is not null)
                return;
        }
    }

    // Fewer evaluations than the best sampler and schedule need, as long as that succeeds.
    private async Task LevelsAsync(int budget, CancellationToken cancellationToken)
    {
        var (largest, smallest) = await TeacherRecorder.RangeAsync(bench.Pipeline, cancellationToken);
        var grid = TeacherRecorder.Grid(largest, smallest);
        var teachers = new List<TeacherTrajectory>();
        for (var i = 0; i < Math.Min(4, goal.SearchPrompts); i++)
            teachers.Add(await TeacherRecorder.RecordAsync(bench.Pipeline, grid, bench.Prompts[i], i, cancellationToken));
        var costs = JumpCosts.Of(teachers);
        string[] solvers = [.. _points.Where(point => point.Setting.Cache is null && bench.Evaluations(new(point.Setting.Sampler, null, 8)) == 8).OrderByDescending(point => point.Cost)
            .ThenByDescending(point => point.Score.Psnr).Select(point => point.Setting.Sampler).Distinct().Take(Solvers)];
        if (solvers.Length == 0)
            return;
        for (var steps = budget; steps >= Math.Max(3, budget - 4); steps--)
        {
            Genome[] starts = [.. new[] { 1, StepSchedule.PublishedGamma, 1.3 }.SelectMany(gamma => solvers.Select((_, solver) => new Genome(StepSchedule.Best(costs, steps, gamma), solver))),
                .. Focused(grid, steps, solvers.Length)];
            await HalveAsync([.. starts.Select(Setting)], "dynamic programming", cancellationToken);
            var ranked = await GenomeSearch.RunAsync(starts, grid.Count, solvers.Length, new(), goal.Seed, async genome => (await bench.ScoreAsync(Setting(genome), Math.Min(4, goal.SearchPrompts), cancellationToken))?.Psnr ?? double.NaN);
            await HalveAsync([.. ranked.Take(3 * Finalists).Select(entry => Setting(entry.Genome))], "evolution", cancellationToken);
            var best = _points.Where(point => point.Cost == steps).MaxBy(point => point.Score.Psnr);
            tell(FormattableString.Invariant($"{steps} evaluations at levels of their own: {best?.Score.Psnr:0.0} dB with {best?.Setting.Key} ({best?.Origin})"));
            if (!_points.Any(point => point.Cost == steps && Reaches(point)))
                return;
        }

        TuneSetting Setting(Genome genome) => new(solvers[genome.Solver], null, genome.Knots.Count, [.. genome.Knots.Select(knot => grid[knot])]);
    }

    // Straight to where the picture forms and evenly from there on: what the schedule 'focused' does, on the grid.
    private static IEnumerable<Genome> Focused(IReadOnlyList<double> grid, int steps, int solvers)
    {
        var from = Enumerable.Range(0, grid.Count).MinBy(i => Math.Abs(Math.Log(grid[i] / 40)));
        from = Math.Max(1, from);
        var knots = Enumerable.Range(0, steps).Select(i => i == 0 ? 0 : from + (int)Math.Round((i - 1) * (grid.Count - 1.0 - from) / Math.Max(1, steps - 1))).Distinct().ToArray();
        return knots.Length == steps ? Enumerable.Range(0, solvers).Select(solver => new Genome(knots, solver)) : [];
    }

    private async Task CachesAsync(TuneSetting plain, CancellationToken cancellationToken)
    {
        var most = Best!.Cost;
        var affordable = new List<TuneSetting>();
        foreach (var setting in candidates.Cached(plain, bench))
            // What its first prompt shows is enough to leave out what costs more than what is there.
            if (await bench.ScoreAsync(setting, 1, cancellationToken) is { } score && score.Evaluations * score.FullShare < most && score.Psnr > goal.Target - 6
                && await _costs.CostAsync(setting, score, cancellationToken) < most)
                affordable.Add(setting);
        await HalveAsync(affordable, "cache", cancellationToken);
        tell($"caches: {affordable.Count} settings cost less on the first prompt; {(Best!.Origin == "cache" ? $"best is {Best.Setting.Key}" : "none is cheaper at the target")}");
    }

    private async Task HalveAsync(IReadOnlyList<TuneSetting> settings, string origin, CancellationToken cancellationToken)
    {
        int[] rounds = [.. new[] { 1, 2, 4, Math.Min(HalvingPrompts, goal.SearchPrompts) }.Where(count => count <= goal.SearchPrompts).Distinct()];
        var ranked = await SuccessiveHalving.RunAsync(settings, rounds, Keep, Finalists, async (setting, count) => (await bench.ScoreAsync(setting, count, cancellationToken))?.Psnr ?? double.NaN);
        // Which of the last few is best shows on many prompts only: they differ by less than prompts do.
        foreach (var (setting, _) in ranked.Where((entry, rank) => rank < 2 || (rank < Finalists && entry.Score > goal.Target - Near)))
        {
            var score = (await bench.ScoreAsync(setting, goal.SearchPrompts, cancellationToken))!;
            if (_points.All(point => point.Setting.Key != setting.Key))
                _points.Add(new(setting, score, await _costs.CostAsync(setting, score, cancellationToken), origin));
        }
    }
}
