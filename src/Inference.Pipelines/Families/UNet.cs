using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What the families with a U-Net have in common: its sizes, and the guidance embedding of distilled ones.</summary>
internal sealed class UNet
{
    private const string GuidanceInput = "timestep_cond";
    private readonly int _guidanceWidth;
    private readonly JsonSettings _config;

    private UNet(DenoiserEvaluator denoiser, JsonSettings config)
    {
        (Denoiser, _config) = (denoiser, config);
        _guidanceWidth = denoiser.Graph.HasInput(GuidanceInput) ? config.Count("time_cond_proj_dim") : 0;
    }

    public DenoiserEvaluator Denoiser { get; }

    /// <summary>Whether guidance is an input of the network, which then takes no second row.</summary>
    public bool HasGuidanceInput => _guidanceWidth > 0;

    /// <exception cref="ModelFolderException">A file is missing, or the config contradicts the graph.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded or has other inputs.</exception>
    public static UNet Load(ModelFolder folder, PipelineHost host, LoadingParts loading, params string[] required)
    {
        var config = folder.Json("unet", "config.json");
        var options = new DenoiserOptions { OutputChannels = config.Count("out_channels") };
        return new(loading.Add(NetworkLoader.Denoiser(folder, host, "unet", options, required, GuidanceInput)), config);
    }

    /// <summary>Whether a request of this guidance scale is guided by a second row.</summary>
    public bool IsGuided(double scale) => scale > 1 && !HasGuidanceInput;

    /// <summary>The guidance embedding, where the network has an input for it.</summary>
    public ConditioningTensor[] Guidance(double scale) =>
        HasGuidanceInput ? [ConditioningTensor.Of(GuidanceInput, [_guidanceWidth], Embeddings.OfGuidance(scale, _guidanceWidth))] : [];

    /// <summary>Sizes: an exported U-Net halves the latent in every block but the last and doubles it again, so its sides must divide.</summary>
    public SizeRule Sizes(VaeDecoder decoder)
    {
        var side = _config.Count("sample_size", 64) * decoder.Factor;
        return NetworkLoader.Sizes(Denoiser, decoder, decoder.Factor << (_config.Length("down_block_types") - 1), new(side, side));
    }
}
