namespace Inference.Pipelines;

/// <summary>Latent consistency models: Stable Diffusion whose network takes the guidance scale as an input, so there is no second row.</summary>
internal sealed class LatentConsistencyFamily : IPipelineFamily
{
    public string ClassName => "LatentConsistencyModelPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var unet = UNet.Load(folder, host, loading, "encoder_hidden_states", "timestep_cond");
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        return new()
        {
            Conditioner = loading.Add(new UNetTextConditioner(folder, host, unet)),
            Denoiser = unet.Denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = unet.Sizes(decoder),
            Sampling = SamplingRules.Distilled,
            DefaultSteps = 4,
            DefaultGuidanceScale = 8.5,
            Prompts = new() { NoNegativePrompt = "guidance is an input of its network, which is distilled from guided predictions." },
        };
    }
}
