namespace Inference.Sampling;

/// <summary>One core of CHORDS: where it is, and the evaluated state that it set out from.</summary>
/// <param name="shape">Shape of the latents.</param>
/// <param name="start">Step it starts before.</param>
internal sealed class ChordsCore(LatentShape shape, int start) : IDisposable
{
    private readonly int _start = start;
    private readonly Latent _originState = Latent.Rent(shape);
    private readonly Latent _originClean = Latent.Rent(shape);
    private readonly Latent _jump = Latent.Rent(shape);
    private readonly Latent _slower = Latent.Rent(shape);
    private readonly Latent _next = Latent.Rent(shape);

    /// <summary>Step before which its state lies.</summary>
    public int At { get; private set; } = start;

    /// <summary>Step before which it was corrected last, or started.</summary>
    public int Origin { get; private set; } = start;

    /// <summary>Whether it has not taken a step yet.</summary>
    public bool IsAtStart => At == _start;

    public Latent State { get; } = Latent.Rent(shape);

    /// <summary>Clean data predicted at its state, once it is evaluated.</summary>
    public Latent Clean { get; } = Latent.Rent(shape);

    /// <summary>Its state has been evaluated.</summary>
    public void Evaluated()
    {
        if (At != Origin)
            return;
        _originState.Set(State);
        _originClean.Set(Clean);
    }

    /// <summary>Sets a faster core on its way by a single jump.</summary>
    public void JumpTo(ParallelRun run, ChordsCore faster) => run.Jump(At, faster.At, State, Clean, faster.State);

    /// <summary>Takes a step; corrected when the slower core has come to where this one set out.</summary>
    public void Step(ParallelRun run, ChordsCore? slower)
    {
        run.Jump(At, At + 1, State, Clean, _next);
        if (slower is not null)
        {
            run.Jump(Origin, At + 1, _originState, _originClean, _jump);
            run.Jump(slower.At, At + 1, slower.State, slower.Clean, _slower);
            _next.Set(_next - _jump + _slower);
            Origin = At + 1;
        }
        State.Set(_next);
        At++;
    }

    public void Dispose()
    {
        foreach (var latent in (ReadOnlySpan<Latent>)[_originState, _originClean, _jump, _slower, _next, State, Clean])
            latent.Dispose();
    }
}
