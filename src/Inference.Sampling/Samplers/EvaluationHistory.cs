namespace Inference.Sampling;

/// <summary>
/// The latest evaluations of one run of a multistep solver, newest first. All latents are rented at once and take turns, so that a step
/// allocates nothing. Local to a run.
/// </summary>
internal sealed class EvaluationHistory : IDisposable
{
    private readonly Latent[] _values;
    private readonly NoiseLevel[] _levels;

    /// <param name="capacity">How many evaluations are kept, ≥ 1.</param>
    /// <param name="shape">Shape of the latents.</param>
    public EvaluationHistory(int capacity, LatentShape shape)
    {
        _values = new Latent[capacity];
        _levels = new NoiseLevel[capacity];
        for (var i = 0; i < capacity; i++)
            _values[i] = Latent.Rent(shape);
    }

    public int Count { get; private set; }

    /// <summary>Where the next evaluation is to be written: the oldest one, given up when all places are taken.</summary>
    public Latent Slot => _values[^1];

    /// <summary>The evaluation of age <paramref name="age"/>; 0 is the newest.</summary>
    public Latent this[int age] => _values[age];

    /// <summary>The levels of the evaluations, newest first.</summary>
    public ReadOnlySpan<NoiseLevel> Levels => _levels.AsSpan(0, Count);

    /// <summary>Makes <see cref="Slot"/> the newest evaluation. One at the same σ/α as the newest takes its place: grids with about as many steps
    /// as the model has timesteps repeat levels, and no polynomial goes through two values at one point.</summary>
    public void Push(NoiseLevel level)
    {
        var newest = Slot;
        if (Count > 0 && _levels[0].Kappa == level.Kappa)
        {
            (_values[0], _values[^1], _levels[0]) = (newest, _values[0], level);
            return;
        }
        for (var i = _values.Length - 1; i > 0; i--)
            (_values[i], _levels[i]) = (_values[i - 1], _levels[i - 1]);
        (_values[0], _levels[0]) = (newest, level);
        Count = Math.Min(Count + 1, _values.Length);
    }

    /// <summary>Forgets all evaluations.</summary>
    public void Clear() => Count = 0;

    public void Dispose()
    {
        foreach (var value in _values)
            value.Dispose();
    }
}
