using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// The embedded model's family: one CLIP-format text encoder whose hidden state is <c>encoder_hidden_states</c>, a transformer over latents of fixed
/// size, two-row guidance against the negative prompt (empty when none is given) unless the scale is 1.
/// </summary>
internal sealed class PictogramFamily : IPipelineFamily
{
    public string ClassName => "PictogramPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var config = folder.Json("transformer", "config.json");
        var denoiser = loading.Add(NetworkLoader.Denoiser(folder, host, "transformer", new() { OutputChannels = config.Count("out_channels") }, ["encoder_hidden_states"]));
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        var side = config.Count("sample_size") * decoder.Factor;
        return new()
        {
            Conditioner = loading.Add(new Conditioner(TextEncoder.Load(folder, host, "", HiddenState.Last, PooledOutput.None))),
            Denoiser = denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = SizeRule.Fixed(new(side, side)),
            DefaultSteps = 20,
            DefaultGuidanceScale = 4,
        };
    }

    private sealed class Conditioner : IConditioner
    {
        private readonly TextEncoders _encoders = new();
        private readonly TextEncoder _encoder;

        public Conditioner(TextEncoder encoder) => _encoder = _encoders.Add(encoder);

        public async Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken)
        {
            var prompt = await _encoders.EncodeAsync(request.Prompt, cancellationToken);
            var negative = request.GuidanceScale == 1 ? null : await _encoders.EncodeAsync(request.NegativePrompt ?? "", cancellationToken);
            return new(Condition(prompt[0]), negative is null ? null : Condition(negative[0])) { Tokens = _encoders.Tokens(prompt, negative) };
        }

        public void Dispose() => _encoders.Dispose();

        private Conditioning Condition(EncodedText text) => new([ConditioningTensor.Of("encoder_hidden_states", [_encoder.Tokens, _encoder.HiddenWidth], text.Hidden)]);
    }
}
