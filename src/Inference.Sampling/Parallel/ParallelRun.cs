using System.Runtime.InteropServices;

namespace Inference.Sampling;

/// <summary>
/// One run of a parallel method: evaluates groups within the budget, takes single steps with their pre-drawn noise, tells of states that are final, and counts.
/// </summary>
internal sealed class ParallelRun : IDisposable
{
    private readonly ParallelContext _context;
    private readonly ISingleStep _step;
    private readonly Latent _buffer;
    private readonly Latent _clean;
    private readonly Latent?[] _noise;
    private readonly List<DenoiseQuery> _group = [];
    private readonly List<StepWindow> _windows = [];
    private DenoiseQuery[] _queries = [];
    private int _drawn;
    private int _rounds;
    private int _evaluations;

    public ParallelRun(ParallelContext context, ISingleStep step)
    {
        (_context, _step) = (context, step);
        (_buffer, _clean) = (Latent.Rent(context.X.Shape), Latent.Rent(context.X.Shape));
        _noise = new Latent?[Count];
        context.Keep?.Set(0, context.X);
    }

    /// <summary>Steps of the run.</summary>
    public int Count => Trajectory.Steps.Length;

    public Trajectory Trajectory => _context.Trajectory;

    public LatentShape Shape => _context.X.Shape;

    /// <summary>In: the start. Out: the result.</summary>
    public Latent X => _context.X;

    public StatesOfRun? Former => _context.Former;

    /// <summary>The denoiser of the consistency model.</summary>
    public IDenoiser Consistency => _context.Consistency ?? throw new InvalidOperationException("The run has no consistency model.");

    /// <summary>Steps whose states are final.</summary>
    public int Confirmed { get; private set; }

    /// <summary>Evaluations that the next group may have, from 1 to <paramref name="wanted"/>.</summary>
    public int AskWindow(int wanted) => Math.Clamp(_context.Budget.Ask(wanted), 1, wanted);

    /// <summary>Adds an evaluation to the next group.</summary>
    public void Add(Latent x, NoiseLevel level, Latent clean) => _group.Add(new(x, level, clean));

    /// <summary>Evaluates what was added as one group.</summary>
    public ValueTask EvaluateGroupAsync(IDenoiser? denoiser, CancellationToken cancellationToken) => EvaluateAsync(denoiser, int.MaxValue, cancellationToken);

    /// <summary>Evaluates what was added, one group after the other where the budget is narrower than it.</summary>
    public ValueTask EvaluateAsync(CancellationToken cancellationToken) => EvaluateAsync(null, null, cancellationToken);

    private async ValueTask EvaluateAsync(IDenoiser? denoiser, int? widest, CancellationToken cancellationToken)
    {
        if (_queries.Length < _group.Count)
            _queries = new DenoiseQuery[_group.Count];
        var count = _group.Count;
        CollectionsMarshal.AsSpan(_group).CopyTo(_queries);
        _group.Clear();
        for (var at = 0; at < count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var width = Math.Min(count - at, widest ?? AskWindow(count - at));
            await (denoiser ?? _context.Denoiser).DenoiseAsync(_queries.AsMemory(at, width), cancellationToken);
            at += width;
            _rounds++;
        }
        _evaluations += count;
    }

    /// <summary>Takes step <paramref name="i"/>, its noise included.</summary>
    public void Step(int i, Latent x, Latent clean, Latent next)
    {
        var step = Trajectory.Steps[i];
        var advanced = _step.Advance(step, x, clean, _buffer);
        next.Set(_step.Deviation(step) is > 0 and var deviation ? advanced + deviation * NoiseOf(i) : advanced);
    }

    /// <summary>One deterministic step from before step <paramref name="from"/> to before step <paramref name="to"/>.</summary>
    public void Jump(int from, int to, Latent x, Latent clean, Latent next)
    {
        // The prediction is used again, and a step may clip it.
        _clean.Set(clean);
        next.Set(_step.Advance(new(Trajectory.Steps[from].From, Trajectory.Steps[to - 1].To), x, _clean, _buffer));
    }

    /// <summary>An iteration has evaluated these steps.</summary>
    public void Iterated(int begin, int end) => _windows.Add(new(begin, end));

    /// <summary>The state behind the next step is final.</summary>
    /// <param name="state">The state.</param>
    /// <param name="clean">The clean data predicted before the step.</param>
    public void Confirm(Latent state, Latent clean)
    {
        _noise[Confirmed]?.Dispose();
        _noise[Confirmed] = null;
        _context.Observer.OnState(Confirmed, 0, state, clean);
        Confirmed++;
        _context.Keep?.Set(Confirmed, state);
    }

    /// <summary>The counts of the run.</summary>
    public ParallelUse Use(string method) => new(method, _windows.Count, _rounds, _evaluations, _windows);

    public void Dispose()
    {
        _buffer.Dispose();
        _clean.Dispose();
        foreach (var noise in _noise)
            noise?.Dispose();
    }

    // Generators that are streams are read forwards once, whatever the order of asking; what was drawn is kept until its step is final.
    private Latent NoiseOf(int i)
    {
        for (; _drawn <= i; _drawn++)
            if (_step.Deviation(Trajectory.Steps[_drawn]) > 0)
                _context.Noise.Fill(_drawn + 1, _noise[_drawn] = Latent.Rent(Shape));
        return _noise[i]!;
    }
}
