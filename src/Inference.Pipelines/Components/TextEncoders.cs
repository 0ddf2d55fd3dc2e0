using System.Collections.Immutable;

namespace Inference.Pipelines;

/// <summary>The text encoders of one model.</summary>
internal sealed class TextEncoders : IDisposable
{
    private readonly List<TextEncoder> _all = [];

    /// <summary>Adds an encoder, which this then owns.</summary>
    public TextEncoder Add(TextEncoder encoder)
    {
        _all.Add(encoder);
        return encoder;
    }

    /// <summary>Encodes a prompt with every encoder, in the order they were added.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    public async Task<EncodedText[]> EncodeAsync(string prompt, CancellationToken cancellationToken)
    {
        var encoded = new EncodedText[_all.Count];
        for (var i = 0; i < encoded.Length; i++)
            encoded[i] = await _all[i].EncodeAsync(prompt, cancellationToken);
        return encoded;
    }

    /// <summary>The rows of ids behind the encodings of a prompt and, where there is one, of a negative prompt.</summary>
    public ImmutableArray<ConditionTokens> Tokens(EncodedText[] prompt, EncodedText[]? negative) =>
    [
        .. prompt.Select((text, i) => new ConditionTokens("prompt", _all[i].Component, text.Tokens)),
        .. (negative ?? []).Select((text, i) => new ConditionTokens("negative_prompt", _all[i].Component, text.Tokens)),
    ];

    public void Dispose()
    {
        foreach (var encoder in _all)
            encoder.Dispose();
    }
}
