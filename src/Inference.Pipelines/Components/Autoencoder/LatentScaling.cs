namespace Inference.Pipelines;

/// <summary>How an autoencoder's latents relate to the network's: network = (latent - shift)·scale, and how many pixels a latent value stands for.</summary>
/// <param name="Scale"><c>scaling_factor</c>.</param>
/// <param name="Shift"><c>shift_factor</c>, 0 where there is none.</param>
/// <param name="Factor">Pixels a latent value stands for, in each direction.</param>
/// <param name="Channels"><c>latent_channels</c>.</param>
internal sealed record LatentScaling(double Scale, double Shift, int Factor, int Channels)
{
    private const int MaxBlocks = 8;

    /// <exception cref="ModelFolderException">The config lacks a value.</exception>
    public static LatentScaling Read(JsonSettings config)
    {
        if (!config.Has("spatial_factor") && config.Length("block_out_channels") is < 1 or > MaxBlocks)
            throw new ModelFolderException(config.Path, $"expected \"block_out_channels\" to have 1 to {MaxBlocks} entries.");
        // Every block but the last halves the picture; configs that say the factor outright are believed.
        var factor = config.Has("spatial_factor") ? config.Count("spatial_factor") : 1 << (config.Length("block_out_channels") - 1);
        return new(config.Number("scaling_factor"), config.Number("shift_factor", 0), factor, config.Count("latent_channels"));
    }

    /// <summary>The network's latent to the autoencoder's.</summary>
    public void ToAutoencoder(ReadOnlySpan<float> network, Span<float> latent)
    {
        for (var i = 0; i < network.Length; i++)
            latent[i] = (float)(network[i] / Scale + Shift);
    }

    /// <summary>The autoencoder's latent to the network's; the spans may be the same.</summary>
    public void ToNetwork(ReadOnlySpan<float> latent, Span<float> network)
    {
        for (var i = 0; i < latent.Length; i++)
            network[i] = (float)((latent[i] - Shift) * Scale);
    }
}
