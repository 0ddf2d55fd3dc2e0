using Inference.Batching;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>One model loaded in one way, with a device thread of its own.</summary>
internal sealed class CheckedModel : IDisposable
{
    private readonly PipelineHost _host;

    public CheckedModel(string folder, ExecutionProviders providers, int threads, NetworkOptions network, int maxRows = 64)
    {
        _host = new(new SessionFactory(providers, new() { IntraOp = threads }, network), new StepBatcherOptions { MaxRows = maxRows }, TimeProvider.System);
        try
        {
            Pipeline = DiffusionPipeline.Load(folder, _host);
        }
        catch
        {
            _host.Dispose();
            throw;
        }
    }

    public DiffusionPipeline Pipeline { get; }

    /// <summary>The pictures of prompts: seed i for prompt i.</summary>
    public async Task<RgbImage[]> PicturesAsync(int count, CancellationToken cancellationToken) => await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        (await Pipeline.GenerateAsync(new() { Prompt = CheckPrompts.At(i), Seed = i }, new(), null, cancellationToken)).Images[0].Image));

    public void Dispose()
    {
        Pipeline.Dispose();
        _host.Dispose();
    }
}

/// <summary>Prompts of the checks.</summary>
internal static class CheckPrompts
{
    private static readonly string[] All =
        ["a red apple on a blue background", "a house in the snow", "a blue car on white", "a hamburger on a teal background, 3d render", "a penguin", "a guitar", "a sunflower", "a rocket"];

    public static string At(int index) => All[index % All.Length];
}
