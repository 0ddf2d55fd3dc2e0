using System.Text;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Where pictures go: one file as named, or numbered files beside it; in a directory, names made from the prompt and the seed.</summary>
internal sealed class OutputNames
{
    // Made when the first picture is there: by then the requests were checked, their counts too.
    private readonly Lazy<string[][]> _paths;

    /// <exception cref="CommandException">The format or the directory does not exist.</exception>
    public OutputNames(string? output, GenerationRequest[] requests)
    {
        var isDirectory = output is null || output.EndsWith(Path.DirectorySeparatorChar) || Directory.Exists(output);
        var directory = isDirectory ? output ?? "." : Path.GetDirectoryName(output) is { Length: > 0 } parent ? parent : ".";
        if (!isDirectory)
            _ = EncodingOf(output!);
        if (isDirectory && output is not null)
            Directory.CreateDirectory(directory);
        else if (!Directory.Exists(directory))
            throw new CommandException($"The directory '{directory}' does not exist.");
        _paths = new(() => isDirectory ? InDirectory(directory, requests) : Numbered(directory, output!, requests));
    }

    /// <summary>Path of a picture.</summary>
    public string PathOf(int request, int image) => _paths.Value[request][image];

    /// <summary>The format an extension stands for.</summary>
    /// <exception cref="CommandException">It stands for none.</exception>
    public static ImageEncoding EncodingOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => ImageEncoding.Png(),
        ".jpg" or ".jpeg" => ImageEncoding.Jpeg(),
        ".webp" => ImageEncoding.WebP(),
        _ => throw new CommandException($"'{path}' must end with .png, .jpg, .jpeg or .webp."),
    };

    private static string[][] Numbered(string directory, string file, GenerationRequest[] requests)
    {
        var (number, total) = (0, requests.Sum(request => request.Count));
        var (name, extension) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        return Each(requests, (_, _) => total == 1 ? file : Path.Combine(directory, $"{name}-{++number}{extension}"));
    }

    private static string[][] InDirectory(string directory, GenerationRequest[] requests)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return Each(requests, (request, image) =>
        {
            var name = $"{Slug(request.Prompt)}-{request.Seed + image}";
            // Prompts of one command share the seed, and different prompts can have one slug.
            var unique = name;
            for (var i = 2; !taken.Add(unique); i++)
                unique = $"{name}-{i}";
            return Path.Combine(directory, unique + ".png");
        });
    }

    private static string[][] Each(GenerationRequest[] requests, Func<GenerationRequest, int, string> path) =>
        [.. requests.Select(request => Enumerable.Range(0, request.Count).Select(image => path(request, image)).ToArray())];

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
