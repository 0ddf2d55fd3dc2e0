using System.Globalization;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>Names and widths of a text encoder's outputs, from its graph and checked against its config.</summary>
internal sealed record TextEncoderShape(int Tokens, string? HiddenName, int HiddenWidth, string? PooledName, int PooledWidth)
{
    public const string Ids = "input_ids";
    public const string Mask = "attention_mask";
    private const string States = "hidden_states.";

    /// <exception cref="GraphException">An input or output is missing or unknown.</exception>
    /// <exception cref="ModelFolderException">The config contradicts the graph or the tokenizer.</exception>
    public static TextEncoderShape Of(GraphSession graph, JsonSettings config, int tokens, HiddenState hidden, PooledOutput pooled)
    {
        _ = graph.Input(Ids);
        if (graph.Inputs.FirstOrDefault(input => input.Name is not (Ids or Mask)) is { } unknown)
            throw new GraphException(graph.Path, $"its input {unknown} is not known; text encoders take '{Ids}' and '{Mask}'.");
        var positions = config.Count("max_position_embeddings", int.MaxValue);
        if (tokens > positions)
            throw new ModelFolderException(config.Path, $"max_position_embeddings is {positions}, but the tokenizer's model_max_length is {tokens}.");

        var width = config.Has("d_model") ? config.Count("d_model") : config.Count("hidden_size");
        var hiddenName = hidden switch
        {
            HiddenState.Last => graph.Output("last_hidden_state").Name,
            HiddenState.Penultimate => Penultimate(graph),
            _ => null,
        };
        var pooledName = pooled switch
        {
            PooledOutput.Pooler => graph.Output("pooler_output").Name,
            PooledOutput.Projected => graph.Output("text_embeds").Name,
            _ => null,
        };
        var shape = new TextEncoderShape(tokens, hiddenName, width, pooledName, pooled == PooledOutput.Projected ? config.Count("projection_dim") : width);
        foreach (var (name, dimensions) in shape.Outputs())
            if (graph.Output(name).Dimensions is var actual && (actual.Length != dimensions.Length || (actual[^1] > 0 && actual[^1] != dimensions[^1])))
                throw new ModelFolderException(config.Path, $"it says that '{name}' has the shape [{string.Join(',', dimensions)}], but the graph has {graph.Output(name)}.");
        return shape;
    }

    /// <summary>Shapes of the outputs of one row, by name.</summary>
    public Dictionary<string, long[]> Outputs()
    {
        var outputs = new Dictionary<string, long[]>();
        if (HiddenName is not null)
            outputs[HiddenName] = [1, Tokens, HiddenWidth];
        if (PooledName is not null)
            outputs[PooledName] = [1, PooledWidth];
        return outputs;
    }

    // hidden_states.0 is the embedding, hidden_states.N the last layer's, of which diffusers takes index -2.
    private static string Penultimate(GraphSession graph)
    {
        var last = graph.Outputs.Where(output => output.Name.StartsWith(States, StringComparison.Ordinal))
            .Select(output => int.Parse(output.Name.AsSpan(States.Length), NumberStyles.None, CultureInfo.InvariantCulture)).DefaultIfEmpty(-1).Max();
        return last > 0
            ? graph.Output($"{States}{last - 1}").Name
            : throw new GraphException(graph.Path, $"expected outputs named '{States}0' and so on; it has {string.Join(", ", graph.Outputs.Select(output => $"'{output.Name}'"))}.");
    }
}
