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
            var pipeline = lease.Pipeline;
            FeatureScope[] scopes;
            if (!pipeline.UNet.Connections.IsEmpty)
            {
                Write(pipeline.UNet);
                scopes = [.. Enumerable.Range(1, pipeline.UNet.Connections.Length).Select(FeatureScope.Deep)];
            }
            else
            {
                Write(pipeline.Structure);
                scopes = [FeatureScope.Modules, FeatureScope.Verified, FeatureScope.Attention, FeatureScope.Probe(), FeatureScope.ModulatedStack];
            }
            foreach (var scope in scopes)
                await pipeline.PrepareFeaturesAsync(scope, cancellationToken);
            Write(pipeline.Forms);
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

    private static void Write(UNetStructure structure)
    {
        Console.WriteLine($"U-Net with {structure.Connections.Length} skip connections, the outermost first");
        var table = new Table().Border(TableBorder.Simple).AddColumns("branch", "from below", "from across", "together");
        for (var i = 0; i < structure.Connections.Length; i++)
            table.AddRow($"{i}", At(structure.Connections[i].Below), At(structure.Connections[i].Across), At(structure.Connections[i].Joint));
        AnsiConsole.Write(table);
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
