using System.CommandLine;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary><c>inference info FILE</c>: how a picture was made, from its metadata.</summary>
internal static class InfoCommand
{
    private const int MaxBytes = 256 << 20;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A PNG, JPEG or WebP file." };
        var command = new Command("info", "Prints the parameters a picture was made with.") { file };
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
                throw new CommandException($"The file '{path}' does not exist.");
            if (new FileInfo(path).Length > MaxBytes)
                throw new CommandException($"The file '{path}' is larger than {MaxBytes >> 20} MiB.");
            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            Console.WriteLine(ImageCodecs.Vips.ReadParameters(bytes) ?? throw new CommandException($"'{path}' carries no generation parameters."));
        }));
        return command;
    }
}
