namespace Inference.Pipelines.Tests;

/// <summary>A temporary directory of model folders copied from the test pipelines, for tests that break them.</summary>
public sealed class ModelFolders : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("inference-models-");

    public string Root => _directory.FullName;

    public PipelineHost Host { get; } = TestPipelines.Host();

    /// <summary>Copies a test pipeline under a name.</summary>
    public string Copy(string pipeline, string name)
    {
        var (source, target) = (TestPipelines.Folder(pipeline), Path.Combine(Root, name));
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // Not File.Copy, which would keep a read-only original read-only.
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
        return target;
    }

    public void Dispose()
    {
        Host.Dispose();
        _directory.Delete(recursive: true);
    }
}
