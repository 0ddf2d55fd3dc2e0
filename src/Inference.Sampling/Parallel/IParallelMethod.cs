namespace Inference.Sampling;

/// <summary>A method that evaluates several steps of a trajectory side by side. Stateless: what a run knows is local to the call.</summary>
internal interface IParallelMethod
{
    /// <summary>Integrates from the start of the run's trajectory to its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two groups; the state is an intermediate one.</exception>
    ValueTask SampleAsync(ParallelRun run, CancellationToken cancellationToken);
}
