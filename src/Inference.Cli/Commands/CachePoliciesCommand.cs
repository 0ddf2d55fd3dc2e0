using System.CommandLine;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference cache-policies</c>: the feature cache policies with their options.</summary>
internal static class CachePoliciesCommand
{
    public static Command Create()
    {
        var command = new Command("cache-policies", "Lists the feature cache policies.");
        command.SetAction((_, _) => CommandErrors.RunAsync(() =>
        {
            foreach (var policy in CachePolicies.All)
            {
                Console.WriteLine($"{policy.Id}: {policy.Name} ({policy.Source})");
                var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("option").NoWrap()).AddColumns("default", "allowed", "meaning");
                foreach (var option in policy.Options)
                    table.AddRow(option.Name, Markup.Escape(SamplerText.Default(option)), Markup.Escape(SamplerText.Range(option)), Markup.Escape(option.Description));
                AnsiConsole.Write(table);
            }
            return Task.CompletedTask;
        }));
        return command;
    }
}
