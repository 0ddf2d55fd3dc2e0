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
        command.SetAction((parsed, _) => CommandErrors.RunAsync(() =>
        {
            using var loaded = models.Load(parsed);
            var table = new Table().AddColumns("model", "family", "sizes", "steps", "guidance");
            foreach (var model in loaded.Catalog.Models)
                table.AddRow(Markup.Escape(model.Name), model.ClassName, model.Sizes.ToString(), $"{model.DefaultSteps}", $"{model.DefaultGuidanceScale}");
            foreach (var failed in loaded.Catalog.Failed)
                table.AddRow(Markup.Escape(failed.Name), $"[red]{Markup.Escape(failed.Error)}[/]");
            AnsiConsole.Write(table);
            return Task.CompletedTask;
        }));
        return command;
    }
}
