using System.CommandLine;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference samplers [NAME]</c>: the registry as a table, or one sampler with its names and options.</summary>
internal static class SamplersCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Id or alias: shows this sampler with its options.", Arity = ArgumentArity.ZeroOrOne };
        var markdown = new Option<bool>("--markdown") { Description = "Writes the page docs/samplers.md." };
        var command = new Command("samplers", "Lists the samplers.") { name, markdown };
        command.SetAction((parsed, _) => CommandErrors.RunAsync(() =>
        {
            if (parsed.GetValue(name) is { } wanted)
                Show(SamplerRegistry.Find(wanted)
                    ?? throw new CommandException($"There is no sampler '{wanted}'; there are: {string.Join(", ", SamplerRegistry.All.Select(known => known.Id))}."));
            else if (parsed.GetValue(markdown))
                Console.Write(SamplerMarkdown.Write());
            else
                List();
            return Task.CompletedTask;
        }));
        return command;
    }

    private static void List()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("sampler").NoWrap()).AddColumns("name", "order", "calls", "noise");
        foreach (var sampler in SamplerRegistry.All)
            table.AddRow(sampler.Id, Markup.Escape(sampler.Name), SamplerText.Order(sampler), SamplerText.Calls(sampler), SamplerText.YesNo(sampler.IsStochastic));
        AnsiConsole.Write(table);
        Console.WriteLine("calls: evaluations of the denoiser a step. 'inference samplers NAME' shows a sampler's other names and options.");
    }

    private static void Show(SamplerDescriptor sampler)
    {
        Console.WriteLine($"{sampler.Id}: {sampler.Name}");
        var facts = new Spectre.Console.Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Fact("source", sampler.Source);
        Fact("order", SamplerText.Order(sampler));
        Fact("calls a step", SamplerText.Calls(sampler));
        Fact("noise", SamplerText.YesNo(sampler.IsStochastic));
        Fact("history", SamplerText.YesNo(sampler.NeedsHistory));
        Fact("parallel", SamplerText.YesNo(sampler.AllowsParallelWindow));
        Fact("models", SamplerText.Processes(sampler));
        Fact("predictions", string.Join(", ", sampler.PredictionTypes));
        foreach (var (i, alias) in sampler.Aliases.Index())
            Fact(i == 0 ? "also called" : "", SamplerText.Alias(alias));
        AnsiConsole.Write(facts);
        if (sampler.Options.IsEmpty)
            return;
        var options = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("option").NoWrap()).AddColumns("default", "allowed", "meaning");
        foreach (var option in sampler.Options)
            options.AddRow(option.Name, Markup.Escape(SamplerText.Default(option)), Markup.Escape(SamplerText.Range(option)), Markup.Escape(option.Description));
        AnsiConsole.Write(options);

        void Fact(string fact, string value) => facts.AddRow(Markup.Escape(fact), Markup.Escape(value));
    }
}
