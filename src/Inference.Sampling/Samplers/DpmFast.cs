namespace Inference.Sampling;

/// <summary>
/// DPM-Solver-fast (Lu et al. 2022, arXiv:2206.00927, section 3.4; k-diffusion, <c>sample_dpm_fast</c>): steps of orders 3, 2, 1 on a grid uniform
/// in λ between the first and the last noisy level of the trajectory, one evaluation for each step of the trajectory. With η &gt; 0 a step goes
/// below its target and has noise added.
/// </summary>
internal sealed class DpmFast : ISampler
{
    private readonly AncestralOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public DpmFast(AncestralOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        var range = NoisyRange.Of(trajectory);
        var orders = SinglestepPlan.Fast(trajectory.Steps.Length, 3);
        using var model = new SinglestepEvaluations(denoiser, new(DpmForm.Noise, DpmFormula.Midpoint), x.Shape);

        for (var i = 0; i < orders.Length; i++)
        {
            var s = range.At(trajectory, (double)i / orders.Length);
            var t = range.At(trajectory, (double)(i + 1) / orders.Length);
            var (down, up) = AncestralStep.Between(s, t, _options.Eta, range.End.Kappa);
            var nodes = SinglestepNodes.Even(orders[i], s, down, trajectory);

            await model.EvaluateAsync(x, nodes.InStagesOf(i), cancellationToken);
            x.Set(model.Result(x, nodes, down));
            if (up > 0)
            {
                noise.Fill(i + 1, model.U);
                x.Set(x + _options.NoiseScale * up * model.U);
            }
            observer.OnState(i, orders[i] - 1, x, model.Clean);
        }
    }
}
