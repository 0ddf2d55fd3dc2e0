namespace Inference.Sampling;

/// <summary>What a parallel run took.</summary>
/// <param name="Method">Id of the method.</param>
/// <param name="Iterations">Passes of the method: windows, sweeps or rounds.</param>
/// <param name="Rounds">Groups evaluated one after the other; a plain run of T steps has T.</param>
/// <param name="Evaluations">Evaluations of the guided denoiser, those of a consistency model included.</param>
/// <param name="Windows">The steps [begin, end) that each iteration evaluated.</param>
public sealed record ParallelUse(string Method, int Iterations, int Rounds, int Evaluations, IReadOnlyList<StepWindow> Windows);

/// <summary>The steps that an iteration evaluated side by side.</summary>
/// <param name="Begin">The first one, from 0.</param>
/// <param name="End">The one after the last.</param>
public readonly record struct StepWindow(int Begin, int End);
