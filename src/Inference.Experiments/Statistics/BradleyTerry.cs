using MathNet.Numerics.LinearAlgebra;

namespace Inference.Experiments;

/// <summary>Strength of one arm in votes: log-odds against the reference, with its standard error.</summary>
public readonly record struct Strength(double Value, double StandardError);

/// <summary>
/// The Bradley-Terry model of paired comparisons, P(i beats j) = pᵢ / (pᵢ + pⱼ), fitted by Hunter's MM algorithm (2004, Annals of Statistics 32(1), eq. 3);
/// standard errors from the inverse of the observed information. A tie is half a win for each.
/// </summary>
public static class BradleyTerry
{
    private const int MaxIterations = 100_000;
    private const double Tolerance = 1e-12;

    /// <summary>Fits the model.</summary>
    /// <param name="wins">wins[i, j]: how often i beat j, ties as halves.</param>
    /// <param name="reference">Whose strength is 0.</param>
    /// <returns>Null where the maximum does not exist: unless everyone can be reached from everyone by wins, strengths run away (Ford 1957).</returns>
    public static Strength[]? Fit(double[,] wins, int reference)
    {
        var n = wins.GetLength(0);
        if (!IsStronglyConnected(wins))
            return null;
        var p = Enumerable.Repeat(1.0, n).ToArray();
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var next = new double[n];
            for (var i = 0; i < n; i++)
            {
                var (won, weight) = (0.0, 0.0);
                for (var j = 0; j < n; j++)
                    if (j != i)
                    {
                        won += wins[i, j];
                        weight += (wins[i, j] + wins[j, i]) / (p[i] + p[j]);
                    }
                next[i] = won / weight;
            }
            var scale = next[reference];
            var change = 0.0;
            for (var i = 0; i < n; i++)
            {
                next[i] /= scale;
                change = Math.Max(change, Math.Abs(Math.Log(next[i] / p[i])));
            }
            p = next;
            if (change < Tolerance)
                break;
        }
        var covariance = Matrix<double>.Build.DenseOfArray(Information(wins, p, reference)).Inverse();
        return [.. Enumerable.Range(0, n).Select(i => i == reference ? new Strength(0, 0) : new(Math.Log(p[i]), Math.Sqrt(covariance[Free(i, reference), Free(i, reference)])))];
    }

    // Of the log-strengths other than the reference's.
    private static double[,] Information(double[,] wins, double[] p, int reference)
    {
        var n = p.Length;
        var information = new double[n - 1, n - 1];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                if (i == j || i == reference)
                    continue;
                var weight = (wins[i, j] + wins[j, i]) * p[i] * p[j] / ((p[i] + p[j]) * (p[i] + p[j]));
                information[Free(i, reference), Free(i, reference)] += weight;
                if (j != reference)
                    information[Free(i, reference), Free(j, reference)] -= weight;
            }
        return information;
    }

    private static int Free(int index, int reference) => index < reference ? index : index - 1;

    private static bool IsStronglyConnected(double[,] wins) => Reaches(wins, forward: true) && Reaches(wins, forward: false);

    private static bool Reaches(double[,] wins, bool forward)
    {
        var n = wins.GetLength(0);
        var (seen, waiting) = (new HashSet<int> { 0 }, new Stack<int>([0]));
        while (waiting.TryPop(out var i))
            for (var j = 0; j < n; j++)
                if ((forward ? wins[i, j] : wins[j, i]) > 0 && seen.Add(j))
                    waiting.Push(j);
        return seen.Count == n;
    }
}
