using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>How a network lays a latent [C, h, w] out in a row of its latent input and output.</summary>
internal interface ILatentLayout
{
    /// <summary>Dimensions of one row that carries <paramref name="channels"/> channels, without the batch.</summary>
    long[] Row(LatentShape shape, int channels);

    /// <summary>Stores one latent in the row <paramref name="row"/> of an input.</summary>
    void Write(BoundRun run, string input, int row, Latent latent);

    /// <summary>Reads one latent from the row <paramref name="row"/> of an output whose rows hold <paramref name="channels"/> ≥ C channels; those after
    /// the latent's own (learned variances) are left out.</summary>
    void Read(BoundRun run, string output, int row, int channels, Latent latent);
}

/// <summary>Channel planes [C, h, w], as U-Nets and most transformers take them.</summary>
internal sealed class PlanarLayout : ILatentLayout
{
    public long[] Row(LatentShape shape, int channels) => [channels, shape.Height, shape.Width];

    public void Write(BoundRun run, string input, int row, Latent latent) => run.Write(input, row * latent.Shape.Length, latent.Values);

    public void Read(BoundRun run, string output, int row, int channels, Latent latent) =>
        run.Read(output, row * channels * latent.Shape.Height * latent.Shape.Width, latent.Values);
}
