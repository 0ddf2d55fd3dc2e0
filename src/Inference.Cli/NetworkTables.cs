using System.Globalization;
using Inference.Onnx;
using Inference.Pipelines;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary>What a network is made of, and its forms, as tables.</summary>
internal static class NetworkTables
{
    /// <exception cref="AnalysisException">The network cannot be analysed; the message says why.</exception>
    public static async Task WriteAsync(ModelLease lease, CancellationToken cancellationToken)
    {
        using (lease)
        {
            var structure = lease.Pipeline.Structure;
            Write(structure);
            foreach (var scope in Enum.GetValues<FeatureScope>())
                await lease.Pipeline.PrepareFeaturesAsync(scope, cancellationToken);
            Write(lease.Pipeline.Forms);
        }
    }

    private static void Write(NetworkStructure structure)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{structure.Blocks} blocks, {structure.Branches.Length} branches; the first block has {structure.ProbeShare:P1} of the blocks' weights."));
        var table = new Table().Border(TableBorder.Simple).AddColumns("block", "stream", "branch", "weights", "output before the gate", "stream after it");
        foreach (var branch in structure.Branches)
            table.AddRow($"{branch.Block}", branch.Stream.ToString(), branch.Kind.ToString(), branch.Weights.ToString("N0", CultureInfo.InvariantCulture), At(branch.Value), At(branch.Sum));
        AnsiConsole.Write(table);
        Console.WriteLine($"picture stream from {At(structure.Entry)}, after the first block {string.Join(" and ", structure.AfterProbe.Select(At))}, final {At(structure.Final)}");
    }

    private static void Write(IEnumerable<VariantReport> forms)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("form", "nodes", "graph KiB", "load ms", "memory MiB", "relative error");
        foreach (var form in forms)
            table.AddRow(form.Variant.ToString(), $"{form.Nodes}", $"{form.GraphBytes >> 10}", form.LoadTime.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture),
                $"{form.MemoryBytes >> 20}", form.Error?.ToString("E1", CultureInfo.InvariantCulture) ?? "-");
        AnsiConsole.Write(table);
    }

    // Places, not names: the graph is known by its data flow.
    private static string At(GraphValue value) => value.Output == 0 ? $"node {value.Node}" : $"node {value.Node}, output {value.Output}";
}
