using System.Collections.Immutable;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary>The options of a registry entry as a table.</summary>
internal static class OptionTable
{
    public static void Write(ImmutableArray<SamplerOption> options)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("option").NoWrap()).AddColumns("default", "allowed", "meaning");
        foreach (var option in options)
            table.AddRow(option.Name, Markup.Escape(SamplerText.Default(option)), Markup.Escape(SamplerText.Range(option)), Markup.Escape(option.Description));
        AnsiConsole.Write(table);
    }
}
