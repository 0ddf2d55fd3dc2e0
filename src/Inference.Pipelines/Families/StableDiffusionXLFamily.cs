using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Stable Diffusion XL (Podell et al. 2023, arXiv:2307.01952): penultimate hidden states of two CLIP encoders side by side, the second's projected
/// vector, and the size conditioning <c>time_ids</c> = (original height, width, crop top, left, target height, width).
/// </summary>
internal sealed class StableDiffusionXLFamily : IPipelineFamily
{
    public string ClassName => "StableDiffusionXLPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var unet = UNet.Load(folder, host, loading, "encoder_hidden_states", "text_embeds", "time_ids");
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        return new()
        {
            Conditioner = loading.Add(new Conditioner(folder, host, unet)),
            Denoiser = unet.Denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = unet.Sizes(decoder),
            DefaultSteps = 50,
            DefaultGuidanceScale = 5,
        };
    }

    private sealed class Conditioner : IConditioner
    {
        private readonly TextEncoders _encoders = new();
        private readonly TextEncoder _first;
        private readonly TextEncoder _second;
        private readonly UNet _unet;
        private readonly bool _isZeroWithoutNegativePrompt;

        public Conditioner(ModelFolder folder, PipelineHost host, UNet unet)
        {
            _unet = unet;
            _isZeroWithoutNegativePrompt = folder.Json("model_index.json").Flag("force_zeros_for_empty_prompt", true);
            try
            {
                _first = _encoders.Add(TextEncoder.Load(folder, host, "", HiddenState.Penultimate, PooledOutput.None));
                _second = _encoders.Add(TextEncoder.Load(folder, host, "_2", HiddenState.Penultimate, PooledOutput.Projected));
            }
            catch
            {
                _encoders.Dispose();
                throw;
            }
        }

        public async Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken)
        {
            var prompt = await _encoders.EncodeAsync(request.Prompt, cancellationToken);
            var conditional = Condition(Hidden(prompt), prompt[1].Pooled, request);
            if (!_unet.IsGuided(request.GuidanceScale))
                return new(conditional, null) { Tokens = _encoders.Tokens(prompt, null) };
            // Only a negative prompt that is not given at all is zeros; an explicit empty one is encoded.
            if (request.NegativePrompt is null && _isZeroWithoutNegativePrompt)
                return new(conditional, Condition(new float[_first.Tokens * Width], new float[_second.PooledWidth], request)) { Tokens = _encoders.Tokens(prompt, null) };
            var negative = await _encoders.EncodeAsync(request.NegativePrompt ?? "", cancellationToken);
            return new(conditional, Condition(Hidden(negative), negative[1].Pooled, request)) { Tokens = _encoders.Tokens(prompt, negative) };
        }

        public void Dispose() => _encoders.Dispose();

        private int Width => _first.HiddenWidth + _second.HiddenWidth;

        private float[] Hidden(EncodedText[] text) => Embeddings.SideBySide(text[0].Hidden, _first.HiddenWidth, text[1].Hidden, _second.HiddenWidth, Width);

        private Conditioning Condition(float[] hidden, float[] pooled, ConditionRequest request)
        {
            var (width, height) = request.Size;
            var tensors = ImmutableArray.Create(
                ConditioningTensor.Of("encoder_hidden_states", [_first.Tokens, Width], hidden),
                ConditioningTensor.Of("text_embeds", [pooled.Length], pooled),
                ConditioningTensor.Of("time_ids", [6], [(float)height, width, 0, 0, height, width]));
            return new([.. tensors, .. _unet.Guidance(request.GuidanceScale)]);
        }
    }
}
