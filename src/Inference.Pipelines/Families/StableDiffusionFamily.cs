using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Stable Diffusion 1 and 2: one CLIP encoder's last hidden state, guidance against the negative prompt (empty when none is given) above a scale of 1.</summary>
internal sealed class StableDiffusionFamily : IPipelineFamily
{
    public string ClassName => "StableDiffusionPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var unet = UNet.Load(folder, host, loading, "encoder_hidden_states");
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        return new()
        {
            Conditioner = loading.Add(new UNetTextConditioner(folder, host, unet)),
            Denoiser = unet.Denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = unet.Sizes(decoder),
            DefaultSteps = 50,
            DefaultGuidanceScale = 7.5,
        };
    }
}

/// <summary>One CLIP encoder's last hidden state as <c>encoder_hidden_states</c> of a U-Net.</summary>
internal sealed class UNetTextConditioner : IConditioner
{
    private readonly TextEncoders _encoders = new();
    private readonly TextEncoder _encoder;
    private readonly UNet _unet;

    public UNetTextConditioner(ModelFolder folder, PipelineHost host, UNet unet) =>
        (_unet, _encoder) = (unet, _encoders.Add(TextEncoder.Load(folder, host, "", HiddenState.Last, PooledOutput.None)));

    public async Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken)
    {
        var prompt = await _encoders.EncodeAsync(request.Prompt, cancellationToken);
        var negative = _unet.IsGuided(request.GuidanceScale) ? await _encoders.EncodeAsync(request.NegativePrompt ?? "", cancellationToken) : null;
        var guidance = _unet.Guidance(request.GuidanceScale);
        return new(Condition(prompt, guidance), negative is null ? null : Condition(negative, guidance)) { Tokens = _encoders.Tokens(prompt, negative) };
    }

    public void Dispose() => _encoders.Dispose();

    private Conditioning Condition(EncodedText[] text, ConditioningTensor[] guidance) =>
        new([ConditioningTensor.Of("encoder_hidden_states", [_encoder.Tokens, _encoder.HiddenWidth], text[0].Hidden), .. guidance]);
}
