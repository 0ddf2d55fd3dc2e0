namespace Inference.Sampling;

/// <summary>Ancestral sampling with Euler steps (k-diffusion, <c>sample_euler_ancestral</c>): an Euler step to the level below the target,
/// then noise back up to it.</summary>
internal sealed class EulerAncestral : ISampler
{
    private readonly AncestralOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public EulerAncestral(AncestralOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var fresh = Latent.Rent(x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            var (down, up) = AncestralStep.Between(from, to, _options.Eta);

            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            x.Set(FirstOrder.Step(x, clean, from, down));
            if (up > 0)
            {
                noise.Fill(i + 1, fresh);
                x.Set(x + _options.NoiseScale * up * fresh);
            }
            observer.OnState(i, 0, x, clean);
        }
    }
}
