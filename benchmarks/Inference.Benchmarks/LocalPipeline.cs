using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>The embedded model in this process, without a server.</summary>
internal sealed class LocalPipeline : IDisposable
{
    private readonly PipelineHost _host;

    /// <param name="network">How its network runs; null is the default.</param>
    public LocalPipeline(NetworkOptions? network = null)
    {
        _host = new(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new(), network), new(), TimeProvider.System);
        Pipeline = DiffusionPipeline.Load(Path.Combine(AppContext.BaseDirectory, "models", "pictogram-128"), _host);
    }

    public DiffusionPipeline Pipeline { get; }

    /// <summary>Prompt to PNG, as the server does it.</summary>
    public async Task<byte[]> GenerateAsync(GenerationRequest request)
    {
        var result = await Pipeline.GenerateAsync(request, new(), null, default);
        return ImageCodecs.Vips.Encode(result.Images[0].Image, ImageEncoding.Png(), result.Images[0].Parameters);
    }

    public void Dispose()
    {
        Pipeline.Dispose();
        _host.Dispose();
    }
}
