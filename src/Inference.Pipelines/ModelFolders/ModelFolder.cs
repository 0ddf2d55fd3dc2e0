using System.Text.Json;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>A model folder in the layout of diffusers and optimum: <c>model_index.json</c> and one folder a component. All paths stay inside it, or lead
/// to the files of the same repository where the folder is a snapshot in the cache of the Hugging Face hub.</summary>
public sealed class ModelFolder
{
    private const int MaxJsonBytes = 64 << 20;

    /// <param name="root">Path of the folder.</param>
    /// <exception cref="ModelFolderException">There is no such folder.</exception>
    public ModelFolder(string root)
    {
        Root = Path.GetFullPath(root);
        if (!Directory.Exists(Root))
            throw new ModelFolderException(Root, "expected a model folder; it does not exist.");
        Name = Path.GetFileName(Root.TrimEnd(Path.DirectorySeparatorChar));
    }

    /// <summary>Full path of the folder.</summary>
    public string Root { get; }

    /// <summary>Name of the folder, which is the model's name in requests.</summary>
    public string Name { get; }

    /// <summary>Full path of a file that must exist.</summary>
    /// <exception cref="ModelFolderException">It does not exist, or a link leads out of the folder.</exception>
    public string File(params ReadOnlySpan<string> parts)
    {
        var path = Path.Combine([Root, .. parts]);
        if (!System.IO.File.Exists(path))
            throw new ModelFolderException(path, "expected this file; it does not exist.");
        RefuseLinksOut(path);
        return path;
    }

    /// <summary>Whether a component is there: it has a folder, and model_index.json does not say otherwise.</summary>
    public bool Has(string component) => Directory.Exists(Path.Combine(Root, component)) && !Json("model_index.json").IsAbsent(component);

    /// <summary>Full path of a component's folder that must exist.</summary>
    /// <exception cref="ModelFolderException">It does not exist, or a link leads out of the model.</exception>
    public string Folder(string component)
    {
        var path = Path.Combine(Root, component);
        if (!Directory.Exists(path))
            throw new ModelFolderException(path, "expected this folder; it does not exist.");
        RefuseLinksOut(path);
        foreach (var entry in Directory.EnumerateFileSystemEntries(path))
            RefuseLinksOut(entry);
        return path;
    }

    /// <summary>Text of a file that must exist.</summary>
    /// <exception cref="ModelFolderException">It does not exist or is too large.</exception>
    public string Text(params ReadOnlySpan<string> parts)
    {
        var path = File(parts);
        return RealPath.LengthOf(path) <= MaxJsonBytes
            ? System.IO.File.ReadAllText(path)
            : throw new ModelFolderException(path, $"expected at most {MaxJsonBytes} bytes.");
    }

    /// <summary>A JSON object read from a file that must exist.</summary>
    /// <exception cref="ModelFolderException">It does not exist or is no JSON object.</exception>
    public JsonSettings Json(params ReadOnlySpan<string> parts)
    {
        var text = Text(parts);
        var path = Path.Combine([Root, .. parts]);
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(path, document.RootElement.Clone())
                : throw new ModelFolderException(path, "expected a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new ModelFolderException(path, $"expected JSON: {exception.Message}", exception);
        }
    }

    private void RefuseLinksOut(string path)
    {
        if (!RealPath.IsOfModel(Root, path))
            throw new ModelFolderException(path, "it is a link that leaves the model folder.");
    }
}

/// <summary>A model folder cannot be loaded; the message names the file and what was expected.</summary>
public sealed class ModelFolderException(string path, string message, Exception? inner = null) : Exception($"{path}: {message}", inner)
{
    public string Path { get; } = path;
}
