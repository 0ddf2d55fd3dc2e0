using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>The picture that a generation starts from.</summary>
internal static class StartImage
{
    /// <summary>Reads a picture file; null where none was named.</summary>
    /// <exception cref="CommandException">The file does not exist or is too large.</exception>
    /// <exception cref="ImageCodecException">It is no picture that can be read.</exception>
    public static async Task<RgbImage?> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
            return null;
        var limits = new ImageLimits();
        if (!File.Exists(path))
            throw new CommandException($"The file '{path}' does not exist.");
        if (new FileInfo(path).Length > limits.MaxBytes)
            throw new CommandException($"The file '{path}' has more than {limits.MaxBytes >> 20} MiB.");
        return ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(path, cancellationToken), limits).Image;
    }
}
