using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>
/// Draw n is 1 in dimension n + 1 and 0 elsewhere. A sampler of a single Gaussian is affine in its start and in every draw, and dimensions are
/// independent, so one run shows all its coefficients: weak errors come out exactly, without Monte Carlo.
/// </summary>
public sealed class UnitNoise : INoise
{
    public void Fill(int draw, Latent destination)
    {
        destination.Values.Clear();
        destination.Values[draw + 1] = 1;
    }
}
