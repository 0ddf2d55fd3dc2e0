using System.CommandLine;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference samplers</c>: the registry as a table.</summary>
internal static class SamplersCommand
{
    public static Command Create()
    {
        var command = new Command("samplers", "Lists the samplers.");
        command.SetAction(_ =>
        {
            var table = new Table().AddColumns("sampler", "name", "order", "evaluations a step", "stochastic", "also called");
            foreach (var sampler in SamplerRegistry.All)
                table.AddRow(
                    sampler.Id, Markup.Escape(sampler.Name), $"{sampler.Order}", sampler.EvaluationsPerStep == 0 ? "adaptive" : $"{sampler.EvaluationsPerStep}",
                    sampler.IsStochastic ? "yes" : "no", Markup.Escape(string.Join(", ", sampler.Aliases.Select(alias => alias.Name))));
            AnsiConsole.Write(table);
        });
        return command;
    }
}
