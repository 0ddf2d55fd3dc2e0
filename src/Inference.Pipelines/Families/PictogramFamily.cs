using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// The embedded model's family: one CLIP-format text encoder whose hidden state is <c>encoder_hidden_states</c>, a transformer over latents of fixed
/// size, two-row guidance against the negative prompt (empty when none is given).
/// </summary>
internal sealed class PictogramFamily : IPipelineFamily
{
    public string ClassName => "PictogramPipeline";

    public DiffusionPipeline Load(ModelFolder folder, PipelineHost host)
    {
        var transformer = folder.Json("transformer", "config.json");
        var size = transformer.Count("sample_size");
        var decoder = VaeDecoder.Load(folder, host);
        var shape = new LatentShape(transformer.Count("in_channels"), size, size);
        return new(folder.Name, ClassName, host, new()
        {
            Text = ClipTextEncoder.Load(folder, host),
            Denoiser = new DenoiserEvaluator(host.Sessions.Open(folder.File("transformer", "model.onnx")), host.Sessions.Providers.Buckets),
            Decoder = decoder,
            Planner = new(SchedulerFile.Read(folder)),
            Sizes = [new(size * decoder.Factor, size * decoder.Factor)],
            LatentOf = _ => shape,
            DefaultSteps = 20,
            DefaultGuidanceScale = 4,
        });
    }
}
