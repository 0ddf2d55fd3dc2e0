namespace Inference.Sampling;

/// <summary>The blocks of a parareal run: where they begin, what was predicted there, and where the coarse and the fine solver took that.</summary>
internal sealed class PararealBlocks : IDisposable
{
    private readonly ParallelRun _run;
    private readonly Latent[] _starts;
    private readonly Latent[] _predicted;
    private readonly Latent[] _coarse;
    private readonly Latent[] _fine;
    private readonly Latent[] _cleans;
    private readonly bool[] _isEvaluated;

    public PararealBlocks(ParallelRun run, int count)
    {
        (_run, Count, _isEvaluated) = (run, count, new bool[count]);
        _starts = Rent(count + 1);
        (_predicted, _coarse, _fine, _cleans) = (Rent(count), Rent(count), Rent(count), Rent(count));
        _starts[0].Set(run.X);
    }

    public int Count { get; }

    /// <summary>State at the beginning of a block; the last one is the end of the run.</summary>
    public Latent Start(int block) => _starts[block];

    /// <summary>First step of a block.</summary>
    public int First(int block) => (int)((long)block * _run.Count / Count);

    /// <summary>Whether the prediction of a block is that of the network at its present beginning.</summary>
    public bool IsEvaluated(int block) => _isEvaluated[block];

    /// <summary>Evaluates the network at the beginning of a block.</summary>
    public ValueTask EvaluateAsync(int block, CancellationToken cancellationToken)
    {
        AddStart(block);
        return _run.EvaluateAsync(cancellationToken);
    }

    /// <summary>Predicts a block's clean data from the two blocks before it, linearly in log-SNR.</summary>
    public void Forecast(int block)
    {
        var (x0, x1, x) = (Level(block - 2).Lambda, Level(block - 1).Lambda, Level(block).Lambda);
        var weight = double.IsFinite(x0) ? (x - x1) / (x1 - x0) : 0;
        _predicted[block].Set((1 + weight) * _predicted[block - 1] - weight * _predicted[block - 2]);
    }

    /// <summary>Jumps over a block, and begins the next one there: the first sweep.</summary>
    public void Begin(int block)
    {
        Jump(block, _coarse[block]);
        _starts[block + 1].Set(_coarse[block]);
    }

    /// <summary>Takes the steps of all blocks from one on, side by side.</summary>
    public async ValueTask RunFineAsync(int from, CancellationToken cancellationToken)
    {
        for (var block = from; block < Count; block++)
            if (!_isEvaluated[block])
                AddStart(block);
        await _run.EvaluateAsync(cancellationToken);
        for (var block = from; block < Count; block++)
        {
            // The coarse solver is measured by the prediction that the next sweep will hold.
            Jump(block, _coarse[block]);
            _run.Jump(First(block), First(block) + 1, _starts[block], _predicted[block], _fine[block]);
            _cleans[block].Set(_predicted[block]);
        }
        for (var step = 1; Active(from, step).Any(); step++)
        {
            foreach (var block in Active(from, step))
                _run.Add(_fine[block], _run.Trajectory.Steps[First(block) + step].From, _cleans[block]);
            await _run.EvaluateAsync(cancellationToken);
            foreach (var block in Active(from, step))
                _run.Jump(First(block) + step, First(block) + step + 1, _fine[block], _cleans[block], _fine[block]);
        }
    }

    /// <summary>The block's end is the fine solver's: its beginning was that of the plain run.</summary>
    public void TakeFine(int block) => Move(block, _fine[block]);

    /// <summary>The block's end is G of its present beginning + F - G of the former one.</summary>
    /// <param name="block">The block.</param>
    /// <param name="buffer">Working memory.</param>
    public void Correct(int block, Latent buffer)
    {
        Jump(block, buffer);
        Move(block, buffer + _fine[block] - _coarse[block]);
    }

    /// <summary>The steps of a block are final.</summary>
    public void Confirm(int block)
    {
        for (var step = First(block); step < First(block + 1); step++)
            _run.Confirm(_starts[block + 1], _cleans[block]);
    }

    public void Dispose()
    {
        foreach (var latent in _starts.Concat(_predicted).Concat(_coarse).Concat(_fine).Concat(_cleans))
            latent.Dispose();
    }

    private IEnumerable<int> Active(int from, int step) => Enumerable.Range(from, Count - from).Where(block => First(block) + step < First(block + 1));

    private void Move(int block, Combination end)
    {
        _starts[block + 1].Set(end);
        if (block + 1 < Count)
            _isEvaluated[block + 1] = false;
    }

    private void AddStart(int block)
    {
        _run.Add(_starts[block], Level(block), _predicted[block]);
        _isEvaluated[block] = true;
    }

    private void Jump(int block, Latent end) => _run.Jump(First(block), First(block + 1), _starts[block], _predicted[block], end);

    private NoiseLevel Level(int block) => _run.Trajectory.Steps[First(block)].From;

    private Latent[] Rent(int count) => [.. Enumerable.Range(0, count).Select(_ => Latent.Rent(_run.Shape))];
}
