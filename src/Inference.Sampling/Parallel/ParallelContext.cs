namespace Inference.Sampling;

/// <summary>What a parallel run is given.</summary>
public sealed record ParallelContext
{
    /// <summary>The guided denoiser of the request.</summary>
    public required IDenoiser Denoiser { get; init; }

    /// <summary>In: noise times <see cref="Trajectory.InitialScale"/>. Out: the result.</summary>
    public required Latent X { get; init; }

    /// <summary>The noise levels to visit.</summary>
    public required Trajectory Trajectory { get; init; }

    /// <summary>Noise by draw number; step i has draw i + 1, as when steps follow each other.</summary>
    public required INoise Noise { get; init; }

    /// <summary>Told of each step when its state is final.</summary>
    public ISamplingObserver Observer { get; init; } = NullObserver.Instance;

    /// <summary>How wide groups may be.</summary>
    public required IWindowBudget Budget { get; init; }

    /// <summary>The denoiser of the consistency model, for the method that takes a pair of models; null: there is none.</summary>
    public IDenoiser? Consistency { get; init; }

    /// <summary>States of a former run to start from instead of copies of the newest state; null: none.</summary>
    public StatesOfRun? Former { get; init; }

    /// <summary>Receives the states of this run; null: they are not kept.</summary>
    public StatesOfRun? Keep { get; init; }
}
