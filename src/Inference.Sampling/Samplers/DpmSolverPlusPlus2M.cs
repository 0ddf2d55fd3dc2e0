namespace Inference.Sampling;

/// <summary>DPM-Solver++(2M) (Lu et al. 2022, arXiv:2211.01095, Algorithm 2; k-diffusion, <c>sample_dpmpp_2m</c>): of order 2 whatever the number of
/// steps, except on the first step and on one to clean data.</summary>
internal sealed class DpmSolverPlusPlus2M : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var history = new EvaluationHistory(2, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s.InStage(i, 0), history.Slot, cancellationToken);
            history.Push(s);

            var h = t.Lambda - s.Lambda;
            var c = t.IsClean || history.Count < 2 ? 0 : h / (2 * (s.Lambda - history.Levels[1].Lambda)); // 1/(2r) in the paper
            x.Set(FirstOrder.Step(x, c == 0 ? history[0] : (1 + c) * history[0] - c * history[1], s, t));
            observer.OnState(i, 0, x, history[0]);
        }
    }
}
