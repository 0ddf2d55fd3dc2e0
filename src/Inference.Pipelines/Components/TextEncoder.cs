using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>Which hidden state of a text encoder conditions the network.</summary>
internal enum HiddenState
{
    None,

    /// <summary>The last one, normalized.</summary>
    Last,

    /// <summary>The one before the last layer, as SDXL and SD3 take it.</summary>
    Penultimate,
}

/// <summary>Which pooled vector of a text encoder conditions the network.</summary>
internal enum PooledOutput
{
    None,

    /// <summary><c>pooler_output</c>: the last hidden state at the end token.</summary>
    Pooler,

    /// <summary><c>text_embeds</c>: the same, projected.</summary>
    Projected,
}

/// <summary>An encoded prompt; shared between requests, so nobody changes its arrays.</summary>
/// <param name="Tokens">The row of ids.</param>
/// <param name="Hidden">Hidden state [tokens, width], empty where none was asked for.</param>
/// <param name="Pooled">Pooled vector, empty where none was asked for.</param>
internal sealed record EncodedText(TokenizedPrompt Tokens, float[] Hidden, float[] Pooled)
{
    /// <summary>Memory it holds.</summary>
    public long Bytes => sizeof(float) * ((long)Hidden.Length + Pooled.Length) + sizeof(long) * (long)Tokens.Ids.Length;
}

/// <summary>A tokenizer and the text encoder graph it feeds: CLIP (with or without projection) or T5, with an attention mask where the graph has one.</summary>
internal sealed class TextEncoder : IDisposable
{
    private readonly ITokenizer _tokenizer;
    private readonly GraphSession _graph;
    private readonly BoundRun _run;
    private readonly PipelineHost _host;
    private readonly TextEncoderShape _shape;

    private TextEncoder(string component, ITokenizer tokenizer, GraphSession graph, TextEncoderShape shape, PipelineHost host)
    {
        (Component, _tokenizer, _graph, _shape, _host) = (component, tokenizer, graph, shape, host);
        var inputs = graph.Inputs.ToDictionary(input => input.Name, _ => new long[] { 1, shape.Tokens });
        _run = graph.Bind(inputs, shape.Outputs());
    }

    /// <summary>Name of its folder.</summary>
    public string Component { get; }

    /// <summary>Tokens of a row.</summary>
    public int Tokens => _shape.Tokens;

    /// <summary>Width of the hidden state.</summary>
    public int HiddenWidth => _shape.HiddenWidth;

    /// <summary>Width of the pooled vector.</summary>
    public int PooledWidth => _shape.PooledWidth;

    /// <summary>Loads the encoder and the tokenizer of the same number.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="host">What runs it.</param>
    /// <param name="suffix">Empty, <c>_2</c> or <c>_3</c>.</param>
    /// <param name="hidden">Hidden state to return.</param>
    /// <param name="pooled">Pooled vector to return.</param>
    /// <param name="tokens">Tokens of a row; null takes the tokenizer's model_max_length.</param>
    /// <exception cref="ModelFolderException">A file is missing or contradicts another.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded or lacks an input or output.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be loaded.</exception>
    public static TextEncoder Load(ModelFolder folder, PipelineHost host, string suffix, HiddenState hidden, PooledOutput pooled, int? tokens = null)
    {
        var component = "text_encoder" + suffix;
        var config = folder.Json(component, "config.json");
        var tokenizer = TokenizerFolder.Load(folder.Folder("tokenizer" + suffix));
        var graph = host.Sessions.Open(folder.File(component, "model.onnx"));
        try
        {
            var shape = TextEncoderShape.Of(graph, config, tokens ?? tokenizer.MaxLength, hidden, pooled);
            return new(component, tokenizer, graph, shape, host);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Encodes one prompt, or finds it among those encoded before.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    public async Task<EncodedText> EncodeAsync(string prompt, CancellationToken cancellationToken)
    {
        if (_host.Embeddings.Find(this, prompt) is { } known)
            return known;
        var tokens = _tokenizer.Encode(prompt, Tokens);
        var encoded = await _host.Components.RunAsync(() => Run(tokens), cancellationToken);
        _host.Embeddings.Add(this, prompt, encoded);
        return encoded;
    }

    public void Dispose()
    {
        _host.Embeddings.RemoveAll(this);
        _run.Dispose();
        _graph.Dispose();
    }

    private EncodedText Run(TokenizedPrompt tokens)
    {
        _run.Write(TextEncoderShape.Ids, 0, tokens.Ids);
        if (_graph.HasInput(TextEncoderShape.Mask))
            _run.Write(TextEncoderShape.Mask, 0, tokens.Mask());
        _run.Run();
        var (hidden, pooled) = (new float[_shape.HiddenName is null ? 0 : Tokens * HiddenWidth], new float[_shape.PooledName is null ? 0 : PooledWidth]);
        if (_shape.HiddenName is { } hiddenName)
            _run.Read(hiddenName, 0, hidden);
        if (_shape.PooledName is { } pooledName)
            _run.Read(pooledName, 0, pooled);
        return new(tokens, hidden, pooled);
    }
}
