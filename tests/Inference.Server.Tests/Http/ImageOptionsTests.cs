using Inference.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Inference.Server.Tests;

public class ImageOptionsTests
{
    private static readonly ImageGenerationBody Body = new() { Prompt = "a" };

    [Theory]
    [InlineData(null, false, "png")]
    [InlineData("", false, "png")]
    [InlineData("*/*", false, "png")]
    [InlineData("application/json", false, "png")]
    [InlineData("application/json, image/png", false, "png")]
    [InlineData("text/html", false, "png")]
    [InlineData("image/gif", false, "png")]
    [InlineData("image/png", true, "png")]
    [InlineData("IMAGE/JPEG", true, "jpeg")]
    [InlineData("image/webp, application/json", true, "webp")]
    [InlineData("image/gif, image/jpeg", true, "jpeg")]
    [InlineData("application/json;q=0.5, image/webp;q=0.9", true, "webp")]
    [InlineData("image/webp;q=0.5, application/json;q=0.9", false, "png")]
    [InlineData("image/png;q=0.2, image/jpeg;q=0.8", true, "jpeg")]
    [InlineData("image/png;q=0", false, "png")]
    [InlineData("image/png;q=0, image/webp;q=0.1", true, "webp")]
    [InlineData("*/*, image/png;q=0.5", false, "png")]
    [InlineData("image/png, */*;q=0.5", true, "png")]
    [InlineData("image/*", true, "png")]
    [InlineData("not a media type", false, "png")]
    public void Read_TheAcceptHeader_DecidesBetweenJsonAndBytes(string? accept, bool asBytes, string format)
    {
        var options = Read(Body, accept, out var problems);
        Assert.Empty(problems);
        Assert.Equal((asBytes, format), (options.AsBytes, options.FormatName));
    }

    [Theory]
    [InlineData("image/png, image/jpeg")]
    [InlineData("image/*")]
    public void Read_OutputFormat_ChoosesAmongTheAcceptedTypes(string accept)
    {
        var options = Read(Body with { OutputFormat = "jpeg" }, accept, out var problems);
        Assert.Empty(problems);
        Assert.Equal((true, "jpeg", "image/jpeg"), (options.AsBytes, options.FormatName, options.Encoding.MediaType));
    }

    [Fact]
    public void Read_OutputFormatThatIsNotAccepted_IsAProblem() =>
        Assert.Contains("'output_format' is jpeg, but the Accept header asks for image/png", Problem(Body with { OutputFormat = "jpeg" }, "output_format", "image/png"));

    [Fact]
    public void Read_SeveralPicturesAsBytes_IsAProblem() => Assert.Contains("must be 1", Problem(Body with { N = 2 }, "n", "image/png"));

    [Theory]
    [InlineData("jpeg", null, ImageFormat.Jpeg, 90)]
    [InlineData("webp", 100, ImageFormat.WebP, 100)]
    [InlineData("jpeg", 0, ImageFormat.Jpeg, 1)]
    [InlineData("png", 100, ImageFormat.Png, 3)]
    public void Read_FormatAndCompression_GiveTheEncoding(string format, int? compression, ImageFormat expected, int level)
    {
        var options = Read(Body with { OutputFormat = format, OutputCompression = compression }, null, out var problems);
        Assert.Empty(problems);
        Assert.Equal((expected, level), (options.Encoding.Format, options.Encoding.Level));
    }

    [Fact]
    public void Read_WhatCannotBeServed_IsAProblemThatSaysWhatCan()
    {
        Assert.Contains("b64_json", Problem(Body with { ResponseFormat = "url" }, "response_format"));
        Assert.Contains("auto or opaque", Problem(Body with { Background = "transparent" }, "background"));
        Assert.Contains("auto or standard", Problem(Body with { Quality = "hd" }, "quality"));
        Assert.Contains("natural", Problem(Body with { Style = "vivid" }, "style"));
        Assert.Contains("auto or low", Problem(Body with { Moderation = "high" }, "moderation"));
        Assert.Contains("png or jpeg or webp", Problem(Body with { OutputFormat = "gif" }, "output_format"));
        Assert.Contains("256", Problem(Body with { User = new('u', 257) }, "user"));
        Assert.Contains("from 0 to 100", Problem(Body with { OutputFormat = "jpeg", OutputCompression = 101 }, "output_compression"));
        Assert.Contains("from 0 to 100", Problem(Body with { OutputFormat = "jpeg", OutputCompression = -1 }, "output_compression"));
        Assert.Contains("png loses nothing", Problem(Body with { OutputCompression = 50 }, "output_compression"));
    }

    [Fact]
    public void Read_ALongValue_IsShortenedInItsMessage() => Assert.InRange(Problem(Body with { Quality = new('q', 100_000) }, "quality").Length, 1, 200);

    [Fact]
    public void Read_NeutralValues_AreServed()
    {
        Read(Body with { ResponseFormat = "b64_json", Background = "opaque", Quality = "standard", Style = "natural", Moderation = "low", Stream = false, User = new('u', 256) }, null, out var problems);
        Assert.Empty(problems);
    }

    private static string Problem(ImageGenerationBody body, string parameter, string? accept = null)
    {
        Read(body, accept, out var problems);
        var problem = Assert.Single(problems);
        Assert.Equal(parameter, problem.Parameter);
        return problem.Message;
    }

    private static ImageOptions Read(ImageGenerationBody body, string? accept, out List<RequestProblem> problems)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;
        problems = [];
        return ImageOptions.Read(body, RequestHints.Of(context.Request).Pictures, problems);
    }
}
