using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// PixArt-α and -Σ (Chen et al. 2023, arXiv:2310.00426): T5's hidden state with its attention mask, prompts in lower case; the network also returns a
/// learned variance. α at 1024 pixels is conditioned on size and aspect ratio too.
/// </summary>
internal sealed class PixArtFamily(string className, int tokens) : IPipelineFamily
{
    private const string Resolution = "resolution";
    private const string AspectRatio = "aspect_ratio";

    public string ClassName => className;

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var config = folder.Json("transformer", "config.json");
        var denoiser = loading.Add(NetworkLoader.Denoiser(
            folder, host, "transformer", new() { OutputChannels = config.Count("out_channels") },
            ["encoder_hidden_states", "encoder_attention_mask"], Resolution, AspectRatio));
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        var side = config.Count("sample_size") * decoder.Factor;
        return new()
        {
            Conditioner = loading.Add(new Conditioner(TextEncoder.Load(folder, host, "", HiddenState.Last, PooledOutput.None, tokens), denoiser.Graph.HasInput(Resolution))),
            Denoiser = denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = NetworkLoader.Sizes(denoiser, decoder, config.Count("patch_size") * decoder.Factor, new(side, side)),
            DefaultSteps = 20,
            DefaultGuidanceScale = 4.5,
        };
    }

    private sealed class Conditioner : IConditioner
    {
        private readonly TextEncoders _encoders = new();
        private readonly TextEncoder _encoder;
        private readonly bool _isSized;

        public Conditioner(TextEncoder encoder, bool isSized) => (_encoder, _isSized) = (_encoders.Add(encoder), isSized);

        public async Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken)
        {
            var prompt = await _encoders.EncodeAsync(Clean(request.Prompt), cancellationToken);
            var negative = request.GuidanceScale > 1 ? await _encoders.EncodeAsync(Clean(request.NegativePrompt ?? ""), cancellationToken) : null;
            return new(Condition(prompt[0], request.Size), negative is null ? null : Condition(negative[0], request.Size)) { Tokens = _encoders.Tokens(prompt, negative) };
        }

        public void Dispose() => _encoders.Dispose();

        private static string Clean(string prompt) => prompt.ToLowerInvariant().Trim();

        private Conditioning Condition(EncodedText text, ImageSize size)
        {
            var (width, height) = size;
            float[] mask = [.. text.Tokens.Mask().Select(value => (float)value)];
            ConditioningTensor[] sizes = _isSized
                ? [ConditioningTensor.Of(Resolution, [2], [(float)height, width]), ConditioningTensor.Of(AspectRatio, [1], [(float)height / width])]
                : [];
            return new(
            [
                ConditioningTensor.Of("encoder_hidden_states", [_encoder.Tokens, _encoder.HiddenWidth], text.Hidden),
                ConditioningTensor.Of("encoder_attention_mask", [_encoder.Tokens], mask),
                .. sizes,
            ]);
        }
    }
}
