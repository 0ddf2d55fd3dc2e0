namespace Inference.Pipelines.Tests;

/// <summary>Encoded prompts are kept, bounded in bytes; empty prompts always.</summary>
public sealed class EmbeddingCacheTests : IDisposable
{
    private readonly PipelineHost _host = TestPipelines.Host();
    private readonly TextEncoder _encoder;

    public EmbeddingCacheTests() => _encoder = TextEncoder.Load(new(TestPipelines.Folder("sd15")), _host, "", HiddenState.Last, PooledOutput.None);

    [Fact]
    public async Task EqualPrompts_AreEncodedOnce()
    {
        var first = await _encoder.EncodeAsync("a star", default);
        Assert.Same(first, await _encoder.EncodeAsync("a star", default));
        Assert.NotSame(first, await _encoder.EncodeAsync("a moon", default));
        Assert.InRange(_host.Embeddings.Bytes, first.Bytes + 1, 2 * first.Bytes + 100);
    }

    [Fact]
    public async Task Full_DropsTheLeastRecentlyUsed_AndKeepsEmptyPrompts()
    {
        var text = await _encoder.EncodeAsync("sample", default);
        var cache = new EmbeddingCache(2 * (text.Bytes + 2));
        foreach (var prompt in new[] { "", "a", "b" })
            cache.Add(_encoder, prompt, text);
        Assert.NotNull(cache.Find(_encoder, "a"));
        cache.Add(_encoder, "c", text);
        Assert.Null(cache.Find(_encoder, "b"));
        Assert.All(new[] { "", "a", "c" }, prompt => Assert.NotNull(cache.Find(_encoder, prompt)));
        Assert.Equal(3 * text.Bytes + 4, cache.Bytes);

        cache.RemoveAll(_encoder);
        Assert.Equal(0, cache.Bytes);
        Assert.Null(cache.Find(_encoder, ""));
    }

    [Fact]
    public async Task NoCapacity_KeepsEmptyPromptsOnly()
    {
        var text = await _encoder.EncodeAsync("sample", default);
        var cache = new EmbeddingCache(0);
        cache.Add(_encoder, "a", text);
        cache.Add(_encoder, "", text);
        Assert.Null(cache.Find(_encoder, "a"));
        Assert.Same(text, cache.Find(_encoder, ""));
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _host.Dispose();
    }
}
