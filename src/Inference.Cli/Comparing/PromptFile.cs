namespace Inference.Cli;

/// <summary>Prompts in a file, one a line; empty lines and those that begin with # are left out.</summary>
internal static class PromptFile
{
    /// <exception cref="CommandException">There is no such file, or it has no prompt.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new CommandException($"prompts file '{path}' does not exist.");
        string[] prompts = [.. (await File.ReadAllLinesAsync(path, cancellationToken)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        return prompts.Length > 0 ? prompts : throw new CommandException($"prompts file '{path}' has no prompts.");
    }
}
