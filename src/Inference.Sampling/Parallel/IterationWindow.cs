namespace Inference.Sampling;

/// <summary>
/// The states of a run by position and what one iteration makes of those in its window: state p lies before step p. New positions start as copies of the
/// newest state, or as a former run had them. Latents are rented when a position is first reached and returned when it has been passed.
/// </summary>
internal sealed class IterationWindow : IDisposable
{
    private readonly ParallelRun _run;
    private readonly Latent?[] _states;
    private readonly Latent?[] _cleans;
    private readonly Latent?[] _maps;
    private readonly Latent?[] _news;
    private int _reached;

    public IterationWindow(ParallelRun run, int begin)
    {
        _run = run;
        _states = new Latent?[run.Count + 1];
        (_cleans, _maps, _news) = (new Latent?[run.Count + 1], new Latent?[run.Count + 1], new Latent?[run.Count + 1]);
        (Begin, End, _reached) = (begin, begin, begin);
        State(begin).Set(run.X);
    }

    /// <summary>First step of the window; the state before it is final.</summary>
    public int Begin { get; private set; }

    /// <summary>Step after the last of the window.</summary>
    public int End { get; private set; }

    /// <summary>State before step <paramref name="position"/>.</summary>
    public Latent State(int position) => Of(_states, position);

    /// <summary>Clean data predicted before step <paramref name="step"/>.</summary>
    public Latent Clean(int step) => Of(_cleans, step);

    /// <summary>The single step from the state before <paramref name="position"/> to it.</summary>
    public Latent Map(int position) => Of(_maps, position);

    /// <summary>What the iteration makes of a position.</summary>
    public Latent New(int position) => Of(_news, position);

    /// <summary>Opens the window [<see cref="Begin"/>, <paramref name="end"/>).</summary>
    public void Open(int end)
    {
        End = end;
        for (var newest = _reached; _reached < end;)
            if (_run.Former is { } former)
                former[++_reached].CopyTo(State(_reached).Values);
            else
                State(++_reached).Set(State(newest));
    }

    /// <summary>Takes the new states over, and moves the beginning over those that are final now.</summary>
    public void Slide(int begin)
    {
        for (var position = Begin + 1; position <= End; position++)
            (_states[position], _news[position]) = (_news[position], _states[position]);
        for (; Begin < begin; Begin++)
        {
            _run.Confirm(State(Begin + 1), Clean(Begin));
            foreach (var passed in (ReadOnlySpan<Latent?[]>)[_states, _cleans, _maps, _news])
                Free(passed, Begin);
        }
    }

    public void Dispose()
    {
        foreach (var latents in (ReadOnlySpan<Latent?[]>)[_states, _cleans, _maps, _news])
            for (var position = 0; position < latents.Length; position++)
                Free(latents, position);
    }

    private Latent Of(Latent?[] latents, int position) => latents[position] ??= Latent.Rent(_run.Shape);

    private static void Free(Latent?[] latents, int position)
    {
        latents[position]?.Dispose();
        latents[position] = null;
    }
}
