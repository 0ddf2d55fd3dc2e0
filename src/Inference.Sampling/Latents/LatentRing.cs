namespace Inference.Sampling;

/// <summary>The latents of the last steps of a multistep method, in rented memory that is reused in turn.</summary>
internal sealed class LatentRing : IDisposable
{
    private readonly Latent[] _latents;

    public LatentRing(LatentShape shape, int capacity)
    {
        _latents = new Latent[capacity];
        for (var i = 0; i < capacity; i++)
            _latents[i] = Latent.Rent(shape);
    }

    /// <summary>The latent that belongs to number <paramref name="index"/>, counted from 0; a later index takes it over after as many numbers as the ring holds.</summary>
    public Latent this[int index] => _latents[index % _latents.Length];

    public void Dispose()
    {
        foreach (var latent in _latents)
            latent.Dispose();
    }
}
