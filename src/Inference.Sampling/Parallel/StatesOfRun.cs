namespace Inference.Sampling;

/// <summary>The states of a run, by position: state i lies before step i. Kept to start a similar run from (Tang et al. 2024, arXiv:2402.09970, section 4.3).</summary>
public sealed class StatesOfRun
{
    private readonly float[]?[] _states;

    /// <param name="steps">Steps of the run, ≥ 1.</param>
    /// <param name="shape">Shape of the latents.</param>
    public StatesOfRun(int steps, LatentShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (Steps, Shape, _states) = (steps, shape, new float[]?[steps + 1]);
    }

    /// <summary>Steps of the run.</summary>
    public int Steps { get; }

    /// <summary>Shape of the latents.</summary>
    public LatentShape Shape { get; }

    /// <summary>Whether every state is there: the run came to its end.</summary>
    public bool IsComplete => Array.TrueForAll(_states, state => state is not null);

    /// <summary>Bytes of all states.</summary>
    public long Bytes => (long)_states.Length * Shape.Length * sizeof(float);

    /// <summary>The state before step <paramref name="position"/>; the last one is the result.</summary>
    /// <exception cref="InvalidOperationException">The run did not come so far.</exception>
    public ReadOnlySpan<float> this[int position] => _states[position] ?? throw new InvalidOperationException($"State {position} was not reached.");

    internal void Set(int position, Latent state) => _states[position] = state.Values.ToArray();
}
