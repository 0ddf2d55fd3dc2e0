namespace Inference.Experiments;

/// <summary>A setting as genes: some of the knots of a fine grid, ascending and from the first on, and which solver.</summary>
/// <param name="Knots">Indices of the knots from which steps set out; the first is 0.</param>
/// <param name="Solver">Index of the solver.</param>
public sealed record Genome(IReadOnlyList<int> Knots, int Solver)
{
    public bool Equals(Genome? other) => other is not null && Solver == other.Solver && Knots.SequenceEqual(other.Knots);

    public override int GetHashCode() => Knots.Aggregate(Solver, HashCode.Combine);
}

/// <summary>How far a search goes.</summary>
/// <param name="Population">Genomes of a generation.</param>
/// <param name="Parents">The best so many have children.</param>
/// <param name="Generations">Generations after the first.</param>
/// <param name="MutationRate">Probability with which each gene of a child moves.</param>
public sealed record GenomeSearchOptions(int Population = 16, int Parents = 6, int Generations = 5, double MutationRate = 0.25);

/// <summary>
/// Evolution of time steps: the best of a generation are crossed gene by gene, half from each, and mutated (AutoDiffusion: Li et al. 2023, ICCV, arXiv:2309.10438, Algorithm 1), with
/// the solver as one more gene in place of its layers.
/// </summary>
public static class GenomeSearch
{
    /// <summary>Runs it.</summary>
    /// <param name="start">Genomes to begin with, at least one, all of the same number of knots.</param>
    /// <param name="grid">Knots there are.</param>
    /// <param name="solvers">Solvers there are.</param>
    /// <param name="options">How far it goes.</param>
    /// <param name="seed">Seed of its choices.</param>
    /// <param name="fitness">Higher is better; each genome is asked for once.</param>
    /// <returns>All genomes that were tried, best first.</returns>
    public static async Task<IReadOnlyList<(Genome Genome, double Fitness)>> RunAsync(
        IReadOnlyList<Genome> start, int grid, int solvers, GenomeSearchOptions options, long seed, Func<Genome, Task<double>> fitness)
    {
        var random = new SplitMix(seed);
        var tried = new Dictionary<Genome, double>();
        foreach (var genome in start)
            await TryAsync(genome);
        await FillAsync(() => Mutate(start[random.Below(start.Count)], 0.5), options.Population);
        for (var generation = 0; generation < options.Generations; generation++)
        {
            var parents = Ranked().Take(options.Parents).Select(entry => entry.Genome).ToArray();
            await FillAsync(() => Mutate(Cross(parents[random.Below(parents.Length)], parents[random.Below(parents.Length)]), options.MutationRate), tried.Count + options.Population / 2);
        }
        return Ranked();

        // A small grid may have no more genomes to offer.
        async Task FillAsync(Func<Genome> make, int count)
        {
            for (var attempt = 0; tried.Count < count && attempt < 50 * options.Population; attempt++)
                await TryAsync(make());
        }

        async Task TryAsync(Genome genome)
        {
            if (!tried.ContainsKey(genome))
                tried.Add(genome, await fitness(genome));
        }

        List<(Genome Genome, double Fitness)> Ranked() => [.. tried.Where(entry => !double.IsNaN(entry.Value)).OrderByDescending(entry => entry.Value).Select(entry => (entry.Key, entry.Value))];

        Genome Cross(Genome a, Genome b) => new(Repair([.. a.Knots.Zip(b.Knots, (x, y) => random.Below(2) == 0 ? x : y)]), random.Below(2) == 0 ? a.Solver : b.Solver);

        Genome Mutate(Genome genome, double rate) => new(
            Repair([.. genome.Knots.Select(knot => random.NextDouble() < rate ? knot + (random.Below(2) == 0 ? -1 : 1) * (1 + random.Below(3)) : knot)]),
            random.NextDouble() < rate / 2 ? random.Below(solvers) : genome.Solver);

        // Ascending, different, within the grid, the first knot first.
        List<int> Repair(List<int> knots)
        {
            knots.Sort();
            knots[0] = 0;
            for (var i = 1; i < knots.Count; i++)
                knots[i] = Math.Clamp(knots[i], knots[i - 1] + 1, grid - knots.Count + i);
            return knots;
        }
    }
}
