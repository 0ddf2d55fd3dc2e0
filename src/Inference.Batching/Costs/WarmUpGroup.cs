using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Rows of zeros to measure with; the latents go back to the pool with it.</summary>
internal sealed class WarmUpGroup : IDisposable
{
    private readonly NetworkRow[] _rows;

    /// <param name="size">Number of rows.</param>
    /// <param name="shape">Shape of their latents.</param>
    /// <param name="conditioning">Conditioning of every row.</param>
    /// <param name="timestep">Timestep of every row.</param>
    public WarmUpGroup(int size, LatentShape shape, Conditioning conditioning, double timestep)
    {
        _rows = new NetworkRow[size];
        for (var i = 0; i < size; i++)
        {
            var input = Latent.Rent(shape);
            input.Values.Clear();
            _rows[i] = new(input, timestep, conditioning, Latent.Rent(shape));
        }
    }

    /// <summary>The rows.</summary>
    public ReadOnlyMemory<NetworkRow> Rows => _rows;

    public void Dispose()
    {
        foreach (var row in _rows)
        {
            row.Input.Dispose();
            row.Output.Dispose();
        }
    }
}
