namespace Inference.Experiments.Tests;

public sealed class TuningTests
{
    [Fact]
    public async Task SuccessiveHalving_FindsTheBest_WithAFractionOfTheWork()
    {
        // Candidate i is worth i; on few samples that is blurred.
        var work = 0;
        var ranked = await SuccessiveHalving.RunAsync([.. Enumerable.Range(0, 64)], [1, 4, 16], 0.25, 4, (candidate, samples) =>
        {
            work += samples;
            return Task.FromResult(candidate == 7 ? double.NaN : candidate + new Random(candidate).NextDouble() * 8 / samples);
        });
        Assert.Equal(63, ranked[0].Candidate);
        Assert.Equal(4, ranked.Count);
        Assert.DoesNotContain(ranked, entry => entry.Candidate == 7);
        Assert.Equal(64 + 4 * 16 + 16 * 4, work);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void StepSchedule_IsTheCheapestPath(int steps)
    {
        const int Knots = 9;
        var random = new Random(steps);
        var cost = new double[Knots, Knots];
        for (var i = 0; i < Knots; i++)
            for (var j = i + 1; j < Knots; j++)
                cost[i, j] = random.NextDouble();
        var chosen = StepSchedule.Best(cost, steps);
        Assert.Equal(steps, chosen.Count);
        Assert.Equal(0, chosen[0]);
        Assert.Equal(Paths(0, steps).Min(path => Value(path)), Value([.. chosen, Knots - 1]), 12);

        IEnumerable<int[]> Paths(int from, int left) => left == 1
            ? from < Knots - 1 ? [[from, Knots - 1]] : []
            : Enumerable.Range(from + 1, Knots - 1 - from).SelectMany(to => Paths(to, left - 1).Select(rest => (int[])[from, .. rest]));

        double Value(int[] path) => path.Zip(path.Skip(1)).Reverse().Aggregate(0.0, (value, edge) => cost[edge.First, edge.Second] + StepSchedule.PublishedGamma * value);
    }

    [Fact]
    public void JumpCosts_AreZeroOnStraightLines_AndGrowWithCurvature()
    {
        // D constant: every jump is exact. D that turns at a knot: jumps over it are not.
        double[] sigmas = [8, 4, 2, 1];
        var straight = new TeacherTrajectory(sigmas, [.. sigmas.Select(sigma => new[] { (float)(3 + sigma * 0.5) })], [.. sigmas.Select(_ => new[] { 3f })], [3f]);
        Assert.All(JumpCosts.Of([straight]).Cast<double>(), cost => Assert.Equal(0, cost, 6));
        var bent = straight with { Cleans = [[3f], [3f], [4f], [4f]], End = [4f] };
        var cost = JumpCosts.Of([straight, bent]);
        Assert.Equal(0, cost[0, 1], 6);
        Assert.Equal(0.5, cost[0, 4], 6);
        Assert.True(cost[2, 3] > 0);
    }

    [Fact]
    public async Task GenomeSearch_FindsBetterKnots_AndKeepsThemInOrder()
    {
        int[] hidden = [0, 3, 11, 19, 30];
        var start = new Genome([0, 8, 16, 24, 32], 0);
        var asked = new HashSet<Genome>();
        var ranked = await GenomeSearch.RunAsync([start], 40, 3, new(), 1, genome =>
        {
            Assert.True(asked.Add(genome), "asked twice");
            Assert.Equal(0, genome.Knots[0]);
            Assert.All(genome.Knots.Zip(genome.Knots.Skip(1)), pair => Assert.True(pair.First < pair.Second));
            Assert.InRange(genome.Knots[^1], 4, 39);
            return Task.FromResult(-(double)genome.Knots.Zip(hidden, (a, b) => Math.Abs(a - b)).Sum() + (genome.Solver == 2 ? 5 : 0));
        });
        Assert.Equal(-17, ranked.Single(entry => entry.Genome.Equals(start)).Fitness);
        Assert.True(ranked[0].Fitness > -10, $"{ranked[0].Fitness}");
        // One seed, one search.
        var again = await GenomeSearch.RunAsync([start], 40, 3, new(), 1, genome => Task.FromResult(-(double)genome.Knots.Zip(hidden, (a, b) => Math.Abs(a - b)).Sum() + (genome.Solver == 2 ? 5 : 0)));
        Assert.Equal(ranked[0].Genome, again[0].Genome);
    }

    [Fact]
    public void ParetoFront_IsWhatNothingBeats() =>
        Assert.Equal([(1, 5), (2, 7), (4, 9)], ParetoFront.Of([(4, 9), (2, 7), (3, 6), (1, 5), (2, 6), (5, 9)], point => point.Item1, point => point.Item2));
}
