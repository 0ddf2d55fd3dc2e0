using System.CommandLine;
using System.CommandLine.Parsing;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>A setting with a name, as it is typed: <c>NAME: OPTIONS</c>, the options those of <c>inference generate</c>.</summary>
/// <param name="Name">Its name; letters, digits, '.', '_' and '-'.</param>
/// <param name="Options">Its options as they were typed.</param>
/// <param name="Request">What they ask for; prompt and seed are to be filled in.</param>
internal sealed record ArmArgument(string Name, string Options, GenerationRequest Request)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="CommandException">It is not of that form, or has an unknown option.</exception>
    public static ArmArgument Read(string text)
    {
        if (text.Split(':', 2) is not [var name, var options] || name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            throw new CommandException($"An arm must be 'NAME: OPTIONS' with a name of letters, digits, '.', '_' and '-', for example 'fast: --sampler unipc --steps 8'; not '{text}'.");
        return new(name, options.Trim(), ReadOptions(options, $"arm '{name}'"));
    }

    /// <summary>Reads options of <c>inference generate</c> from text.</summary>
    /// <param name="options">The options.</param>
    /// <param name="what">What they are of, for errors.</param>
    /// <exception cref="CommandException">One is unknown or wrong.</exception>
    public static GenerationRequest ReadOptions(string options, string what)
    {
        var arguments = new RequestArguments();
        var command = new RootCommand();
        arguments.AddTo(command);
        var parsed = command.Parse([.. CommandLineParser.SplitCommandLine(options)]);
        if (parsed.Errors.Count > 0)
            throw new CommandException($"{what}: {string.Join(" ", parsed.Errors.Select(error => error.Message))}");
        return arguments.Read(parsed);
    }
}
