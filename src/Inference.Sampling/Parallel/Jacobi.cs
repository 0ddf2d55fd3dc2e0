namespace Inference.Sampling;

/// <summary>
/// Jacobi iteration, x_p = Φ_{p-1}(x_{p-1}) for all p of the window at once (Song et al. 2021, arXiv:2002.03629, Algorithm 1); within blocks and Gauss-Seidel
/// between them by <see cref="BlockReach"/> (Algorithm 3). A position has converged when its residual is at most the tolerance.
/// </summary>
/// <param name="convergence">When a position has converged.</param>
internal sealed class Jacobi(Convergence convergence) : IWindowUpdate
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new WindowIteration(_ => new Jacobi(making.ByState), new BlockReach(making.Options.Integer("block")))
    {
        VariationSteps = making.Options.Integer("variation_steps"),
    }, WindowIteration.PredictEvaluations)
    {
        Id = "jacobi",
        Name = "Jacobi iteration in blocks, Gauss-Seidel between them",
        Aliases = ["gauss-seidel", "gs-jacobi"],
        Source = "Song et al. 2021, arXiv:2002.03629, Algorithms 1 and 3",
        Group = "a block of steps",
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-3), ParallelOptions.Window,
            ParallelOptions.Count("block", "Steps a block: 1 is Gauss-Seidel, the plain run.", 16, 1, ParallelOptions.MaxSteps), .. ParallelOptions.States,
        ],
    };

    public int Update(ParallelRun run, IterationWindow window)
    {
        var (converged, open) = (0, true);
        for (var p = window.Begin + 1; p <= window.End; p++)
        {
            window.New(p).Set(window.Map(p));
            open = open && convergence.IsMet(p, window.Map(p), window.State(p));
            converged += open ? 1 : 0;
        }
        return converged;
    }
}
