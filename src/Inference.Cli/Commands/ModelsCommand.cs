using System.CommandLine;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference models</c>: what there is.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var models = new LocalModels();
        var graph = new Option<string?>("--graph") { Description = "Name of a model: shows what its network is made of, and what each form of it that caches features takes." };
        var command = new Command("models", "Lists the models.") { graph };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            using var loaded = models.Load(parsed);
            if (parsed.GetValue(graph) is { } name)
            {
                await NetworkTables.WriteAsync(await loaded.Catalog.AcquireAsync(name, cancellationToken)
                    ?? throw new CommandException($"There is no model '{name}'; there are: {string.Join(", ", loaded.Catalog.Entries.Select(entry => entry.Name))}."), cancellationToken);
                return;
            }
            await loaded.Catalog.StartAsync(cancellationToken);
            var table = new Table().AddColumns("model", "family", "sizes", "steps", "guidance", "parameters");
            foreach (var entry in loaded.Catalog.Entries)
                if (entry.Pipeline is { } model)
                    table.AddRow(Markup.Escape(model.Name), model.ClassName, model.Sizes.ToString(), $"{model.DefaultSteps}", $"{model.DefaultGuidanceScale}", $"{entry.Parameters}");
                else
                    table.AddRow(Markup.Escape(entry.Name), $"[red]{Markup.Escape(entry.Error ?? "")}[/]");
            AnsiConsole.Write(table);
        }));
        return command;
    }
}
