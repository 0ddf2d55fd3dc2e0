namespace Inference.Sampling;

/// <summary>Keeps predicted clean data in its range. Meant for models of pixels; on latents it destroys pictures.</summary>
public interface IDataClipping
{
    /// <summary>Clips in place.</summary>
    void Clip(Latent clean);
}

/// <summary>Clips every value to [-range, range].</summary>
/// <param name="range">The largest magnitude allowed, &gt; 0.</param>
internal sealed class StaticClipping(double range) : IDataClipping
{
    public void Clip(Latent clean)
    {
        foreach (ref var value in clean.Values)
            value = (float)Math.Clamp(value, -range, range);
    }
}

/// <summary>
/// Dynamic thresholding (Saharia et al. 2022, arXiv:2205.11487, section 2.3): with s the quantile of |x0| over one picture, clamped to
/// [minimum, maximum], x0 is clipped to [-s, s] and divided by s. A maximum of 1 is plain clipping.
/// </summary>
/// <param name="ratio">Which quantile, in (0, 1].</param>
/// <param name="maximum">The largest s, ≥ <paramref name="minimum"/>; infinite in the DPM-Solver authors' code.</param>
/// <param name="minimum">The least s, &gt; 0.</param>
internal sealed class DynamicThresholding(double ratio, double maximum, double minimum = 1) : IDataClipping
{
    public void Clip(Latent clean)
    {
        var magnitudes = System.Buffers.ArrayPool<float>.Shared.Rent(clean.Shape.Length);
        var sorted = magnitudes.AsSpan(0, clean.Shape.Length);
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = Math.Abs(clean.Values[i]);
        sorted.Sort();
        var position = ratio * (sorted.Length - 1);
        var low = Math.Min((int)position, sorted.Length - 1);
        var high = Math.Min(low + 1, sorted.Length - 1);
        var s = Math.Clamp(sorted[low] + (position - low) * (sorted[high] - sorted[low]), minimum, maximum);
        System.Buffers.ArrayPool<float>.Shared.Return(magnitudes);
        foreach (ref var value in clean.Values)
            value = (float)(Math.Clamp(value, -s, s) / s);
    }
}

/// <summary>Clips what a denoiser predicts.</summary>
internal sealed class ClippingDenoiser(IDenoiser inner, IDataClipping clipping) : IDenoiser
{
    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        await inner.DenoiseAsync(x, level, clean, cancellationToken);
        clipping.Clip(clean);
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        await inner.DenoiseAsync(group, cancellationToken);
        for (var i = 0; i < group.Length; i++)
            clipping.Clip(group.Span[i].Clean);
    }
}
