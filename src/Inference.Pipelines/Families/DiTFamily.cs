using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// DiT (Peebles &amp; Xie 2022, arXiv:2212.09748): a class label instead of a prompt, guidance against the null class, a learned variance that is not
/// used. The pictures of a request share one noise generator.
/// </summary>
internal sealed class DiTFamily : IPipelineFamily
{
    public string ClassName => "DiTPipeline";

    public PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        var config = folder.Json("transformer", "config.json");
        var classes = config.Count("num_embeds_ada_norm");
        var denoiser = loading.Add(NetworkLoader.Denoiser(folder, host, "transformer", new() { OutputChannels = config.Count("out_channels") }, ["class_labels"]));
        var decoder = loading.Add(VaeDecoder.Load(folder, host));
        var side = config.Count("sample_size") * decoder.Factor;
        return new()
        {
            Conditioner = new Conditioner(classes),
            Denoiser = denoiser,
            Decoder = decoder,
            Encoder = VaeEncoder.LoadOptional(folder, host, loading),
            Scheduler = SchedulerFile.Read(folder),
            // Its position table is made for one size.
            Sizes = SizeRule.Fixed(new(side, side)),
            DefaultSteps = 50,
            DefaultGuidanceScale = 4,
            Prompts = new() { Classes = classes, NoNegativePrompt = "it is conditioned on classes." },
            Noise = NoiseRules.SeedPerBatch,
        };
    }

    private sealed class Conditioner(int classes) : IConditioner
    {
        public Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new Conditions(Of(request.ClassLabel), request.GuidanceScale > 1 ? Of(classes) : null));

        public void Dispose()
        {
            // Labels need no encoder.
        }

        private static Conditioning Of(long label) => new([ConditioningTensor.Of("class_labels", [], new[] { label })]);
    }
}
