using Inference.Pipelines;

namespace Inference.Server.Tests;

public sealed class StreamOptionsTests
{
    private static readonly ImageGenerationBody Body = new() { Prompt = "a", Stream = true };

    [Fact]
    public void Read_NoStream_IsNull() => Assert.Null(StreamOptions.Read(Body with { Stream = false, PartialImages = 0 }, false, []));

    [Theory]
    [InlineData(null, null, 0, PreviewKind.Projection)]
    [InlineData(3, "projection", 3, PreviewKind.Projection)]
    [InlineData(1, "vae", 1, PreviewKind.Vae)]
    public void Read_Values(int? partial, string? preview, int expected, PreviewKind kind)
    {
        var problems = new List<RequestProblem>();
        Assert.Equal(new(expected, kind), StreamOptions.Read(Body with { PartialImages = partial, Preview = preview }, false, problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void Read_IntervalAndProgress() =>
        Assert.Equal(new(0, PreviewKind.Projection, 2, true), StreamOptions.Read(Body with { PreviewEvery = 2, Progress = true }, false, []));

    [Fact]
    public void Read_WhatCannotBeServed_IsAProblemThatSaysWhatCan()
    {
        Assert.Contains("from 0 to 3", Problem(Body with { PartialImages = 4 }, "partial_images"));
        Assert.Contains("from 0 to 3", Problem(Body with { PartialImages = -1 }, "partial_images"));
        Assert.Contains("from 1", Problem(Body with { PreviewEvery = 0 }, "preview_every"));
        Assert.Contains("cannot be combined", Problem(Body with { PreviewEvery = 2, PartialImages = 1 }, "preview_every"));
        Assert.Contains("'stream': true", Problem(Body with { Stream = null, PreviewEvery = 2 }, "preview_every"));
        Assert.Contains("'stream': true", Problem(Body with { Stream = null, Progress = true }, "progress"));
        Assert.Contains("projection or vae", Problem(Body with { Preview = "best" }, "preview"));
        Assert.Contains("'stream': true", Problem(Body with { Stream = null, PartialImages = 1 }, "partial_images"));
        Assert.Contains("'stream': true", Problem(Body with { Stream = null, Preview = "vae" }, "preview"));
        Assert.Contains("Accept", Problem(Body, "stream", asBytes: true));
    }

    private static string Problem(ImageGenerationBody body, string parameter, bool asBytes = false)
    {
        var problems = new List<RequestProblem>();
        StreamOptions.Read(body, asBytes, problems);
        Assert.Equal(parameter, Assert.Single(problems).Parameter);
        return problems[0].Message;
    }
}
