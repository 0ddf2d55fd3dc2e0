using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// FLUX.1: T5's hidden state, CLIP's pooled vector, positions of text (zeros) and image tokens (0, row, column); guidance is an input where the model
/// was distilled for it (dev), else there is none (schnell). Latents are packed 2 × 2, the timestep input is the noise share.
/// </summary>
internal sealed class FluxFamily : IPipelineFamily
{
    private const int Patch = 2;
    private const int TextTokens = 512;
    private const string Guidance = "guidance";

    public string ClassName => "FluxPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        var denoiser = loading.Add(NetworkLoader.Denoiser(
            folder, host, "transformer", new() { OutputChannels = decoder.Scaling.Channels, TimestepScale = 0.001 },
            ["encoder_hidden_states", "pooled_projections", "img_ids", "txt_ids"], Guidance));
        CheckPacking(folder, decoder.Scaling.Channels);
        var isGuided = denoiser.Graph.HasInput(Guidance);
        // diffusers' default_sample_size; the model has no size of its own.
        var side = 128 * decoder.Factor;
        return new()
        {
            Conditioner = loading.Add(new Conditioner(folder, host, decoder.Factor, isGuided)),
            Denoiser = denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            Sizes = SizeRule.MultiplesOf(Patch * decoder.Factor, new(side, side)),
            DefaultSteps = isGuided ? 28 : 4,
            DefaultGuidanceScale = isGuided ? 3.5 : 0,
            Prompts = new()
            {
                NoNegativePrompt = "its network is distilled from guided predictions.",
                NoGuidance = isGuided ? null : "its network was distilled without a guidance input.",
            },
            Sampling = SamplingRules.FlowFromOne,
        };
    }

    private static void CheckPacking(ModelFolder folder, int channels)
    {
        var config = folder.Json("transformer", "config.json");
        if (config.Count("in_channels") != Patch * Patch * channels)
            throw new ModelFolderException(config.Path, $"in_channels is {config.Count("in_channels")}, but the autoencoder has {channels} channels, which packed are {Patch * Patch * channels}.");
    }

    private sealed class Conditioner : IConditioner
    {
        private readonly TextEncoders _encoders = new();
        private readonly TextEncoder _text;
        private readonly int _factor;
        private readonly bool _isGuided;

        public Conditioner(ModelFolder folder, PipelineHost host, int factor, bool isGuided)
        {
            (_factor, _isGuided) = (factor, isGuided);
            try
            {
                _encoders.Add(TextEncoder.Load(folder, host, "", HiddenState.None, PooledOutput.Pooler));
                _text = _encoders.Add(TextEncoder.Load(folder, host, "_2", HiddenState.Last, PooledOutput.None, TextTokens));
            }
            catch
            {
                _encoders.Dispose();
                throw;
            }
        }

        public async Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken)
        {
            var text = await _encoders.EncodeAsync(request.Prompt, cancellationToken);
            var (rows, columns) = (request.Size.Height / _factor / Patch, request.Size.Width / _factor / Patch);
            var tensors = ImmutableArray.CreateBuilder<ConditioningTensor>();
            tensors.Add(ConditioningTensor.Of("encoder_hidden_states", [_text.Tokens, _text.HiddenWidth], text[1].Hidden));
            tensors.Add(ConditioningTensor.Of("pooled_projections", [text[0].Pooled.Length], text[0].Pooled));
            tensors.Add(ConditioningTensor.Of("txt_ids", [_text.Tokens, 3], new long[_text.Tokens * 3]));
            tensors.Add(ConditioningTensor.Of("img_ids", [rows * columns, 3], Positions(rows, columns)));
            if (_isGuided)
                tensors.Add(ConditioningTensor.Of(Guidance, [], [(float)request.GuidanceScale]));
            return new(new(tensors.ToImmutable()), null) { Tokens = _encoders.Tokens(text, null) };
        }

        public void Dispose() => _encoders.Dispose();

        private static long[] Positions(int rows, int columns)
        {
            var positions = new long[3 * rows * columns];
            for (var i = 0; i < rows * columns; i++)
                (positions[3 * i + 1], positions[3 * i + 2]) = (i / columns, i % columns);
            return positions;
        }
    }
}
