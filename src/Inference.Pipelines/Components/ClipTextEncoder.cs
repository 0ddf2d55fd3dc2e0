using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>CLIP text encoder: token ids [1, L] to the last hidden state [L, width], given to the network as <c>encoder_hidden_states</c>.</summary>
internal sealed class ClipTextEncoder : ITextConditioner
{
    private const string Output = "last_hidden_state";
    private readonly ITokenizer _tokenizer;
    private readonly GraphSession _graph;
    private readonly BoundRun _run;
    private readonly EvaluationThread _thread;
    private readonly int _width;
    private readonly string _input;

    private ClipTextEncoder(ITokenizer tokenizer, GraphSession graph, int width, EvaluationThread thread)
    {
        (_tokenizer, _graph, _width, _thread) = (tokenizer, graph, width, thread);
        _input = graph.Input("input_ids").Name;
        _run = graph.Bind(
            new Dictionary<string, long[]> { [_input] = [1, tokenizer.MaxLength] },
            new Dictionary<string, long[]> { [Output] = [1, tokenizer.MaxLength, width] });
    }

    /// <exception cref="ModelFolderException">A file is missing or contradicts another.</exception>
    public static ClipTextEncoder Load(ModelFolder folder, PipelineHost host)
    {
        var config = folder.Json("text_encoder", "config.json");
        var tokenizer = ClipTokenizer.Load(Path.Combine(folder.Root, "tokenizer"));
        var positions = config.Count("max_position_embeddings");
        if (tokenizer.MaxLength > positions)
            throw new ModelFolderException(config.Path, $"max_position_embeddings is {positions}, but the tokenizer's model_max_length is {tokenizer.MaxLength}.");
        return new(tokenizer, host.Sessions.Open(folder.File("text_encoder", "model.onnx")), config.Count("hidden_size"), host.Components);
    }

    public Task<EncodedPrompt> EncodeAsync(string prompt, CancellationToken cancellationToken)
    {
        var tokens = _tokenizer.Encode(prompt);
        return _thread.RunAsync(() => Run(tokens), cancellationToken);
    }

    public void Dispose()
    {
        _run.Dispose();
        _graph.Dispose();
    }

    private EncodedPrompt Run(TokenizedPrompt tokens)
    {
        tokens.Ids.CopyTo(_run.Longs(_input));
        _run.Run();
        var hidden = ConditioningTensor.Of("encoder_hidden_states", [_tokenizer.MaxLength, _width], _run.Floats(Output).ToArray());
        return new(new([hidden]), tokens.Length, tokens.Truncated);
    }
}
