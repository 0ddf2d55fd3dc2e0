namespace Inference.Experiments;

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016, AISTATS, Algorithm 1, fixed budget): all candidates are scored on few samples, the better part of them on more, and
/// so on, so that most of the work goes to what may win.
/// </summary>
public static class SuccessiveHalving
{
    /// <summary>Runs it.</summary>
    /// <param name="candidates">What may win.</param>
    /// <param name="rounds">Numbers of samples, ascending; the last is what survivors are judged by.</param>
    /// <param name="keep">Part of the candidates that each round but the last keeps, in (0, 1).</param>
    /// <param name="least">Candidates that a round keeps at least, ≥ 1.</param>
    /// <param name="score">Scores a candidate on the first so many samples; higher is better. Candidates that cannot be scored are NaN.</param>
    /// <returns>The survivors with their scores on all samples, best first.</returns>
    public static async Task<IReadOnlyList<(T Candidate, double Score)>> RunAsync<T>(
        IReadOnlyList<T> candidates, IReadOnlyList<int> rounds, double keep, int least, Func<T, int, Task<double>> score)
    {
        var left = candidates;
        var ranked = new List<(T Candidate, double Score)>();
        for (var round = 0; round < rounds.Count; round++)
        {
            ranked = [];
            foreach (var candidate in left)
                if (await score(candidate, rounds[round]) is var value && !double.IsNaN(value))
                    ranked.Add((candidate, value));
            // Stable, so that equal scores keep the order of the candidates.
            ranked = [.. ranked.OrderByDescending(entry => entry.Score)];
            left = [.. ranked.Take(Math.Max(least, (int)Math.Ceiling(keep * ranked.Count))).Select(entry => entry.Candidate)];
        }
        return ranked;
    }
}
