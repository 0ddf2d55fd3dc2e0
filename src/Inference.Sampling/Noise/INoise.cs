namespace Inference.Sampling;

/// <summary>
/// Standard normal noise of one picture, addressed by the number of the draw: the same (seed, draw) gives the same values in every order of
/// asking, so parallel and sequential samplers see the same noise. Draw 0 is the initial latent. Instances belong to one request; not thread-safe.
/// </summary>
public interface INoise
{
    /// <summary>Fills <paramref name="destination"/> with the values of draw <paramref name="draw"/> (≥ 0).</summary>
    void Fill(int draw, Latent destination);
}
