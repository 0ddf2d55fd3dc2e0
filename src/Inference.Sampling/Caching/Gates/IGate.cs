namespace Inference.Sampling;

/// <summary>What a gate looks at before it decides about a row's step.</summary>
internal enum GateSight
{
    /// <summary>The network's input: nothing is computed for it.</summary>
    Input,

    /// <summary>What the probing form gives: the residual of the first blocks, or what the first attention reads.</summary>
    Probed,

    /// <summary>The image stream after the first blocks.</summary>
    Stream,
}

/// <summary>Decides, at the steps that a plan leaves open, by what each row shows. Immutable; what it remembers of a row is a <see cref="IRowGate"/>.</summary>
internal interface IGate
{
    /// <summary>What it looks at.</summary>
    GateSight Sight { get; }

    /// <summary>Full steps it remembers, ≥ 1.</summary>
    int History => 1;

    /// <summary>Tensors of the size of what it looks at that it remembers of a row, ≥ 0.</summary>
    int Tensors { get; }

    /// <summary>Begins a run of one side of guidance, for one stage.</summary>
    /// <param name="memory">Its tensors, one after the other; their values are those of whoever had them before.</param>
    IRowGate Begin(Memory<float> memory);
}

/// <summary>The gate of one row through a run.</summary>
internal interface IRowGate
{
    /// <summary>Looks at a step. Called once for every step in order, those that are full in any case included.</summary>
    /// <returns>Whether the step may be skipped; meaningless before the first full one.</returns>
    bool Look(ReadOnlySpan<float> seen, int step);

    /// <summary>The step was computed in full.</summary>
    void Complete(ReadOnlySpan<float> seen, ReadOnlySpan<float> output, int step);

    /// <summary>The step was skipped, and its last block computed all the same.</summary>
    /// <param name="change">By how much its branches differ from their prediction, relative to their size.</param>
    /// <param name="step">The step.</param>
    void Verify(double change, int step)
    {
        // Most gates decide beforehand.
    }
}
