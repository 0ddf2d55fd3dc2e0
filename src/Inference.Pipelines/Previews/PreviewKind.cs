namespace Inference.Pipelines;

/// <summary>How an unfinished picture is made visible.</summary>
public enum PreviewKind
{
    /// <summary>A linear map from latent channels to colours, one pixel a latent value, enlarged: costs next to nothing.</summary>
    Projection,

    /// <summary>The autoencoder: as good as the final picture, at the price of a decode.</summary>
    Vae,
}
