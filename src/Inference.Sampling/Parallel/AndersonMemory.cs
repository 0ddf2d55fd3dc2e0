namespace Inference.Sampling;

/// <summary>
/// Triangular Anderson acceleration (Tang et al. 2024, arXiv:2402.09970, section 3.2): x ← x + R - (ΔX + ΔR)γ, where γ of a position solves the ridge least
/// squares of R on ΔR over the window's positions up to it. Inner products are accumulated from the window's beginning on; each position has the history of the
/// iterations that it took part in one after another.
/// </summary>
/// <param name="memory">m, 1 to <see cref="MaximumMemory"/>.</param>
/// <param name="ridge">λ &gt; 0.</param>
internal sealed class AndersonMemory(int memory, double ridge) : IDisposable
{
    /// <summary>A state and a residual of each iteration make a combination of at most eight latents.</summary>
    public const int MaximumMemory = Combination.MaxTerms / 2;

    private readonly Dictionary<int, Row> _rows = [];
    private readonly double[,] _products = new double[MaximumMemory - 1, MaximumMemory - 1];
    private readonly double[] _projections = new double[MaximumMemory - 1];

    /// <summary>A window from this position on is observed, one position after another.</summary>
    public void Begin(int begin)
    {
        foreach (var position in _rows.Keys.Where(position => position <= begin).ToArray())
        {
            _rows[position].Dispose();
            _rows.Remove(position);
        }
        Array.Clear(_products);
        Array.Clear(_projections);
    }

    /// <summary>Where the residual of a position goes.</summary>
    public Latent Residual(ParallelRun run, int position)
    {
        if (!_rows.TryGetValue(position, out var row))
            _rows[position] = row = new(run.Shape, memory);
        return row.Residuals[0];
    }

    /// <summary>Adds a position to the inner products.</summary>
    public void Observe(int position, Latent state, Latent residual)
    {
        var row = _rows[position];
        row.States[0].Set(state);
        row.Count = Math.Min(row.Count + 1, memory);
        for (var i = 0; i + 1 < row.Count; i++)
        {
            _projections[i] += Difference(row.Residuals, i, residual, null);
            for (var j = 0; j <= i; j++)
                _products[i, j] = _products[j, i] += Difference(row.Residuals, i, row.Residuals[j], row.Residuals[j + 1]);
        }
    }

    /// <summary>The accelerated state of the position that was observed last.</summary>
    public Combination Extrapolate(int position)
    {
        var row = _rows[position];
        var sum = row.States[0] + row.Residuals[0];
        var gamma = RidgeSystem.Solve(_products, _projections, row.Count - 1, ridge);
        for (var i = 0; i < gamma.Length; i++)
            sum -= gamma[i] * (row.States[i] - row.States[i + 1] + row.Residuals[i] - row.Residuals[i + 1]);
        return sum;
    }

    /// <summary>Ends the iteration: its values are the newest of the history, and positions that took no part have none.</summary>
    public void Keep(IterationWindow window)
    {
        foreach (var (position, row) in _rows)
            if (position <= window.End)
                row.Age();
            else
                row.Count = 0;
    }

    public void Dispose()
    {
        foreach (var row in _rows.Values)
            row.Dispose();
    }

    // ⟨R_i - R_{i+1}, a - b⟩.
    private static double Difference(Latent[] residuals, int i, Latent a, Latent? b)
    {
        var (sum, length) = (0.0, a.Shape.Length);
        ReadOnlySpan<float> newer = residuals[i].Values, older = residuals[i + 1].Values, left = a.Values;
        if (b is null)
            for (var k = 0; k < length; k++)
                sum += ((double)newer[k] - older[k]) * left[k];
        else
            for (var k = 0; k < length; k++)
                sum += ((double)newer[k] - older[k]) * ((double)left[k] - b.Values[k]);
        return sum;
    }

    // Index 0 is this iteration, and room for the next once it has aged.
    private sealed class Row(LatentShape shape, int memory) : IDisposable
    {
        public Latent[] States { get; } = [.. Enumerable.Range(0, memory).Select(_ => Latent.Rent(shape))];

        public Latent[] Residuals { get; } = [.. Enumerable.Range(0, memory).Select(_ => Latent.Rent(shape))];

        public int Count { get; set; }

        public void Age()
        {
            Shift(States);
            Shift(Residuals);
        }

        public void Dispose()
        {
            foreach (var latent in States.Concat(Residuals))
                latent.Dispose();
        }

        private static void Shift(Latent[] values)
        {
            var oldest = values[^1];
            Array.Copy(values, 0, values, 1, values.Length - 1);
            values[0] = oldest;
        }
    }
}
