using System.Text;
using Microsoft.AspNetCore.Http;

namespace Inference.LoadTest.Tests;

/// <summary>What counts as a right answer.</summary>
public sealed class AnswerTests
{
    private static readonly string Picture = Convert.ToBase64String(StubServer.Png(128, 128));

    [Theory]
    [InlineData(200, "application/json", "{\"data\":[]}", FailureKind.WrongContent, "number of pictures")]
    [InlineData(200, "application/json", "{\"images\":[]}", FailureKind.WrongContent, "no data")]
    [InlineData(200, "application/json", "[1]", FailureKind.WrongContent, "no data")]
    [InlineData(200, "application/json", "{\"data\":[1]}", FailureKind.WrongContent, "no picture")]
    [InlineData(200, "application/json", "{\"data\":[{}]}", FailureKind.WrongContent, "no picture")]
    [InlineData(200, "application/json", "{\"data\":[{\"b64_json\":\"%%\"}]}", FailureKind.WrongContent, "not base64")]
    [InlineData(200, "application/json", "{\"data\":[{\"b64_json\":\"aGVsbG8gd29ybGQ=\"}]}", FailureKind.WrongContent, "wrong picture")]
    [InlineData(200, "application/json", "nonsense", FailureKind.WrongContent, "not JSON")]
    [InlineData(200, "text/html", "<html>Welcome</html>", FailureKind.WrongContent, "content type")]
    [InlineData(200, "image/png", "hello", FailureKind.WrongContent, "wrong picture")]
    [InlineData(302, "text/plain", "elsewhere", FailureKind.WrongContent, "http 302")]
    [InlineData(400, "application/json", "{\"error\":1}", FailureKind.RequestRefused, "http 400")]
    [InlineData(429, "application/json", "{\"error\":1}", FailureKind.Overload, "http 429")]
    [InlineData(503, "text/plain", "", FailureKind.Overload, "http 503")]
    [InlineData(500, "text/plain", "boom", FailureKind.ServerError, "http 500")]
    public async Task WrongAnswers_AreCountedByClass(int status, string type, string body, FailureKind kind, string code)
    {
        var reply = await AskAsync("""{ "prompt": "x" }""", async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body);
        });
        Assert.Equal((kind, code), (reply.Failure?.Kind, reply.Failure?.Code));
        Assert.NotEmpty(reply.Failure!.Example);
    }

    [Fact]
    public async Task RightAnswer_HasTheServersTimes()
    {
        var reply = await AskAsync("""{ "prompt": "x", "size": "128x128" }""", StubServer.AnswerAsync);
        Assert.Null(reply.Failure);
        Assert.Equal(new StageTime[] { new("queue", 1.5), new("denoise", 20), new("decode", 3), new("total", 24.5) }, reply.Stages);
        Assert.InRange(reply.SentAt!.Value, 1, reply.CompletedAt);
    }

    [Fact]
    public async Task OtherServers_ReportTimesInServerTiming()
    {
        var reply = await AskAsync("""{ "prompt": "x" }""", async context =>
        {
            context.Response.Headers["Server-Timing"] = "queue;dur=12.5, cache;desc=\"hit\", decode;desc=x;dur=3";
            context.Response.ContentType = "image/png";
            await context.Response.Body.WriteAsync(StubServer.Png(8, 8));
        });
        Assert.Null(reply.Failure);
        Assert.Equal(new StageTime[] { new("queue", 12.5), new("decode", 3) }, reply.Stages);
    }

    [Fact]
    public async Task PicturesOfAnotherSize_OrCutOff_AreWrong()
    {
        Assert.Equal("the picture is 128x128, not 64x64", (await AskAsync("""{ "prompt": "x", "size": "64x64" }""", StubServer.AnswerAsync)).Failure?.Example);
        Assert.Equal("the PNG picture is cut off after 40 bytes", PictureBytes.Problem(StubServer.Png(128, 128).AsSpan(0, 40), null));
    }

    [Fact]
    public async Task EndlessAnswers_AreCut()
    {
        var reply = await AskAsync("""{ "prompt": "x" }""", async context =>
        {
            context.Response.ContentType = "application/json";
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(new byte[65536]);
        });
        Assert.Equal("answer too long", reply.Failure?.Code);
    }

    [Fact]
    public async Task Streams_GiveTheTimeOfTheFirstPicture()
    {
        var reply = await AskAsync("""{ "prompt": "x", "stream": true }""", context => StreamAsync(
            context, $$"""{"type":"image_generation.partial_image","b64_json":"{{Picture}}"}""", $$"""{"type":"image_generation.completed","b64_json":"{{Picture}}","inference":{"timings_ms":{"total":9} } }"""));
        Assert.Null(reply.Failure);
        Assert.True(TimeProvider.System.GetElapsedTime(reply.FirstPictureAt!.Value, reply.CompletedAt) >= TimeSpan.FromMilliseconds(150));
        Assert.Equal([new StageTime("total", 9)], reply.Stages);
    }

    [Theory]
    [InlineData("""{"type":"image_generation.partial_image","b64_json":"x"}""", FailureKind.WrongContent, "stream ended early")]
    [InlineData("""{"type":"error","error":{"message":"out of memory"}}""", FailureKind.ServerError, "error event")]
    [InlineData("""{"type":"image_generation.completed","b64_json":"eHh4eA=="}""", FailureKind.WrongContent, "wrong picture")]
    [InlineData("nonsense", FailureKind.WrongContent, "not JSON")]
    public async Task WrongStreams_AreCountedByClass(string line, FailureKind kind, string code)
    {
        var reply = await AskAsync("""{ "prompt": "x", "stream": true }""", context => StreamAsync(context, line));
        Assert.Equal((kind, code), (reply.Failure?.Kind, reply.Failure?.Code));
    }

    [Fact]
    public async Task JsonInsteadOfAStream_IsWrong() => Assert.Equal("not streamed", (await AskAsync("""{ "prompt": "x", "stream": true }""", StubServer.AnswerAsync)).Failure?.Code);

    [Theory]
    [InlineData("http://h", "http://h/v1/images/generations")]
    [InlineData("http://h:8080/", "http://h:8080/v1/images/generations")]
    [InlineData("https://h/v1/", "https://h/v1/images/generations")]
    [InlineData("https://h/openai/v1/images/generations?api-version=1", "https://h/openai/v1/images/generations?api-version=1")]
    public void Addresses_AreCompleted(string url, string endpoint) => Assert.Equal(endpoint, TargetAddress.Parse(url).ToString());

    [Theory]
    [InlineData("h:8080")]
    [InlineData("ftp://h")]
    [InlineData("")]
    [InlineData("http://user:secret@h")]
    public void WrongAddresses_AreRefused(string url) => Assert.Throws<LoadTestException>(() => TargetAddress.Parse(url));

    private static async Task StreamAsync(HttpContext context, params string[] events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var data in events)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data}\n\n"));
            await context.Response.Body.FlushAsync();
            await Task.Delay(200);
        }
    }

    private static async Task<Reply> AskAsync(string entry, RequestDelegate answer)
    {
        await using var server = await StubServer.StartAsync(answer);
        using var target = server.Target(timeout: TimeSpan.FromSeconds(20));
        return await target.SendAsync(MixReader.Parse($$"""{ "requests": [{{entry}}] }""", ".", "mix").Draw(0, 1), CancellationToken.None);
    }
}
