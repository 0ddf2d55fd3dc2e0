using Inference.Onnx;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>A directory of models for tests that break them: the embedded model as a link or as a copy without its transformer.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Root;

    public PipelineHost Host { get; } = new(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new() { IntraOp = 1 }), new(), TimeProvider.System);

    /// <summary>The whole embedded model under another name.</summary>
    public void Link(string name) => Directory.CreateSymbolicLink(_folder.PathOf(name), EmbeddedModel.Folder);

    /// <summary>The embedded model as files of its own; its transformer's graph, which is large and loaded last, is left out.</summary>
    /// <returns>Full path of the folder.</returns>
    public string Copy(string name)
    {
        foreach (var component in new[] { "scheduler", "text_encoder", "tokenizer", "vae_decoder", "transformer" })
            foreach (var file in Directory.GetFiles(Path.Combine(EmbeddedModel.Folder, component)))
                if ((component, Path.GetFileName(file)) != ("transformer", "model.onnx"))
                    _folder.Write(Path.Combine(name, component, Path.GetFileName(file)), File.ReadAllBytes(file));
        return Path.GetDirectoryName(_folder.Write(Path.Combine(name, "model_index.json"), File.ReadAllBytes(Path.Combine(EmbeddedModel.Folder, "model_index.json"))))!;
    }

    public string Write(string name, string content) => _folder.Write(name, content);

    public void Dispose()
    {
        Host.Dispose();
        _folder.Dispose();
    }
}
