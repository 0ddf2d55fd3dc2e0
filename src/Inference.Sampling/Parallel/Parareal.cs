namespace Inference.Sampling;

/// <summary>
/// SRDS, parareal for diffusion (Selvam et al. 2024, arXiv:2412.08292, Algorithm 1): the trajectory is cut into blocks; a coarse solver G jumps over each, a fine
/// solver F takes all its steps in all blocks side by side, and x_{i+1} ← G(x_i) + F(x_i of the sweep before) - G(x_i of the sweep before). After sweep p the first
/// p blocks are those of the plain run, so their ends are taken from F itself.
/// </summary>
/// <param name="convergence">When the ends of the blocks change no more.</param>
/// <param name="blocks">Number of blocks, ≥ 1; null is the square root of the number of steps.</param>
/// <param name="coarse">Where G has its predictions from.</param>
internal sealed class Parareal(Convergence convergence, int? blocks, CoarseEvaluator coarse) : IParallelMethod
{
    public static ParallelMethodDescriptor Descriptor { get; } = new(making => new Parareal(
        making.ByState, making.Options.Integer("blocks") is > 0 and var blocks ? blocks : null, Enum.Parse<CoarseEvaluator>(making.Options.Text("coarse"), ignoreCase: true)), (steps, _) => 3 * steps + 3 * (int)Math.Ceiling(Math.Sqrt(steps)))
    {
        Id = "parareal",
        Name = "SRDS (parareal)",
        Aliases = ["srds"],
        Source = "Selvam et al. 2024, arXiv:2412.08292, Algorithm 1",
        Group = "a step of each block",
        AllowsNoise = false,
        KeepsStates = false,
        Options =
        [
            ParallelOptions.ToleranceOfState(1e-2), ParallelOptions.Window,
            ParallelOptions.Count("blocks", "Blocks that the steps are cut into; 0 is the square root of their number.", 0, 0, ParallelOptions.MaxSteps),
            new("coarse", "What the coarse solver jumps by: an evaluation at each block (network), the prediction of the sweep before (cached), or that and linear forecasts in the first sweep (forecast).", "network")
            {
                Allowed = ["network", "cached", "forecast"],
            },
        ],
    };

    public async ValueTask SampleAsync(ParallelRun run, CancellationToken cancellationToken)
    {
        using var sweeps = new PararealBlocks(run, Math.Min(run.Count, blocks ?? (int)Math.Round(Math.Sqrt(run.Count))));
        for (var block = 0; block < sweeps.Count; block++)
        {
            if (coarse == CoarseEvaluator.Forecast && block >= 2 && block % 2 == 0)
                sweeps.Forecast(block);
            else
                await sweeps.EvaluateAsync(block, cancellationToken);
            sweeps.Begin(block);
        }
        for (var sweep = 0; run.Confirmed < run.Count; sweep++)
        {
            await sweeps.RunFineAsync(sweep, cancellationToken);
            run.Iterated(sweeps.First(sweep), run.Count);
            var hasConverged = await CorrectAsync(run, sweeps, sweep, cancellationToken);
            for (var block = sweep; block < (hasConverged ? sweeps.Count : sweep + 1); block++)
                sweeps.Confirm(block);
        }
        run.X.Set(sweeps.Start(sweeps.Count));
    }

    // The ends of the blocks, one after the other; whether none of the later ones changed by more than is allowed.
    private async ValueTask<bool> CorrectAsync(ParallelRun run, PararealBlocks sweeps, int sweep, CancellationToken cancellationToken)
    {
        using var before = Latent.Rent(run.Shape);
        using var buffer = Latent.Rent(run.Shape);
        var hasConverged = true;
        for (var block = sweep; block < sweeps.Count; block++)
        {
            before.Set(sweeps.Start(block + 1));
            if (block == sweep)
                sweeps.TakeFine(block);
            else
            {
                if (coarse == CoarseEvaluator.Network)
                    await sweeps.EvaluateAsync(block, cancellationToken);
                sweeps.Correct(block, buffer);
            }
            hasConverged &= convergence.IsMet(sweeps.First(block + 1), sweeps.Start(block + 1), before);
        }
        return hasConverged;
    }
}
