using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Stable Diffusion 3 (Esser et al. 2024, arXiv:2403.03206): penultimate hidden states of two CLIP encoders side by side, padded to T5's width and
/// followed by T5's; both projected vectors. Without T5, zeros stand in, as many rows as CLIP has (diffusers 0.35).
/// </summary>
internal sealed class StableDiffusion3Family : IPipelineFamily
{
    private const int TextTokens = 256;

    public string ClassName => "StableDiffusion3Pipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var config = folder.Json("transformer", "config.json");
        var patch = config.Count("patch_size");
        var denoiser = loading.Add(NetworkLoader.Denoiser(
            folder, host, "transformer", new() { OutputChannels = config.Count("out_channels") }, ["encoder_hidden_states", "pooled_projections"]));
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        var side = config.Count("sample_size") * decoder.Factor;
        return new()
        {
            Conditioner = loading.Add(new Conditioner(folder, host, config.Count("joint_attention_dim"))),
            Denoiser = denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            // Positions are cropped from a table of pos_embed_max_size patches a side.
            Sizes = NetworkLoader.Sizes(denoiser, decoder, patch * decoder.Factor, new(side, side), config.Count("pos_embed_max_size", SizeRule.LargestSide) * patch * decoder.Factor),
            DefaultSteps = 28,
            DefaultGuidanceScale = 7,
            Sampling = SamplingRules.Flow,
        };
    }

    private sealed class Conditioner : IConditioner
    {
        private readonly TextEncoders _encoders = new();
        private readonly TextEncoder _first;
        private readonly TextEncoder _second;
        private readonly TextEncoder? _text;
        private readonly int _width;

        public Conditioner(ModelFolder folder, PipelineHost host, int width)
        {
            _width = width;
            try
            {
                _first = _encoders.Add(TextEncoder.Load(folder, host, "", HiddenState.Penultimate, PooledOutput.Projected));
                _second = _encoders.Add(TextEncoder.Load(folder, host, "_2", HiddenState.Penultimate, PooledOutput.Projected));
                _text = folder.Has("text_encoder_3") ? _encoders.Add(TextEncoder.Load(folder, host, "_3", HiddenState.Last, PooledOutput.None, TextTokens)) : null;
                if (_text is not null && _text.HiddenWidth != width)
                    throw new ModelFolderException(Path.Combine(folder.Root, "transformer", "config.json"), $"joint_attention_dim is {width}, but text_encoder_3 has {_text.HiddenWidth}.");
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
            var negative = request.GuidanceScale > 1 ? await _encoders.EncodeAsync(request.NegativePrompt ?? "", cancellationToken) : null;
            return new(Condition(prompt), negative is null ? null : Condition(negative)) { Tokens = _encoders.Tokens(prompt, negative) };
        }

        public void Dispose() => _encoders.Dispose();

        private Conditioning Condition(EncodedText[] text)
        {
            var clip = Embeddings.SideBySide(text[0].Hidden, _first.HiddenWidth, text[1].Hidden, _second.HiddenWidth, _width);
            var last = _text is null ? new float[_first.Tokens * _width] : text[2].Hidden;
            return new(
            [
                ConditioningTensor.Of("encoder_hidden_states", [(clip.Length + last.Length) / _width, _width], [.. clip, .. last]),
                ConditioningTensor.Of("pooled_projections", [text[0].Pooled.Length + text[1].Pooled.Length], [.. text[0].Pooled, .. text[1].Pooled]),
            ]);
        }
    }
}
