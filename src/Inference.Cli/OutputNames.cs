using System.Text;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Where pictures go: one file as named, or numbered files beside it; in a directory, names made from the prompt and the seed.</summary>
internal sealed class OutputNames
{
    private readonly GenerationRequest[] _requests;
    private readonly string? _file;
    private readonly string _directory;

    /// <exception cref="CommandException">The format or the directory does not exist.</exception>
    public OutputNames(string? output, GenerationRequest[] requests)
    {
        _requests = requests;
        var isDirectory = output is null || output.EndsWith(Path.DirectorySeparatorChar) || Directory.Exists(output);
        _file = isDirectory ? null : output;
        _directory = isDirectory ? output ?? "." : Path.GetDirectoryName(output) is { Length: > 0 } parent ? parent : ".";
        if (_file is not null)
            _ = EncodingOf(_file);
        if (isDirectory && output is not null)
            Directory.CreateDirectory(_directory);
        else if (!Directory.Exists(_directory))
            throw new CommandException($"The directory '{_directory}' does not exist.");
    }

    /// <summary>Path of a picture.</summary>
    public string PathOf(int request, int image)
    {
        if (_file is null)
            return Path.Combine(_directory, $"{Slug(_requests[request].Prompt)}-{_requests[request].Seed + image}.png");
        var (before, total) = (_requests.Take(request).Sum(entry => entry.Count), _requests.Sum(entry => entry.Count));
        return total == 1 ? _file : Path.Combine(_directory, $"{Path.GetFileNameWithoutExtension(_file)}-{before + image + 1}{Path.GetExtension(_file)}");
    }

    /// <summary>The format an extension stands for.</summary>
    /// <exception cref="CommandException">It stands for none.</exception>
    public static ImageEncoding EncodingOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => ImageEncoding.Png(),
        ".jpg" or ".jpeg" => ImageEncoding.Jpeg(),
        ".webp" => ImageEncoding.WebP(),
        _ => throw new CommandException($"'{path}' must end with .png, .jpg, .jpeg or .webp."),
    };

    private static string Slug(string prompt)
    {
        var slug = new StringBuilder();
        foreach (var c in prompt.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? "picture" : text[..Math.Min(text.Length, 60)].TrimEnd('-');
    }
}
