using System.CommandLine;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference models</c>: what there is.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var models = new LocalModels();
        var command = new Command("models", "Lists the models.");
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            using var loaded = models.Load(parsed);
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
