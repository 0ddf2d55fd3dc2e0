using System.Text.Json;
using Inference.Batching;
using Inference.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Inference.Server.Tests;

public class OpenAiErrorTests
{
    public static TheoryData<Exception, int, string, string?, string?> Mapped => new()
    {
        { new InvalidRequestException([new("n", "first."), new("size", "second.")]), 400, "invalid_request_error", "n", "invalid_value" },
        { new NotAdmittedException(new(AdmissionVerdict.QueueFull, TimeSpan.FromSeconds(2), default)), 429, "rate_limit_error", null, "queue_full" },
        { new GenerationFailedException("no picture"), 500, "server_error", null, "no_picture" },
        { new EvaluationException("/secret/path: broken"), 500, "server_error", null, "evaluation_failed" },
        { new BadHttpRequestException("Request body too large.", 413), 413, "invalid_request_error", null, "body_too_large" },
        { new BadHttpRequestException("Bad chunk.", 400), 400, "invalid_request_error", null, "bad_request" },
        { new BadRequestException(HttpError.Invalid("no", "model", "model_not_found", 404)), 404, "invalid_request_error", "model", "model_not_found" },
    };

    [Theory]
    [MemberData(nameof(Mapped))]
    public void For_AKnownException_GivesItsStatus(Exception exception, int status, string type, string? parameter, string? code)
    {
        var error = HttpError.For(exception)!;
        Assert.Equal((status, type, parameter, code), (error.Status, error.Error.Type, error.Error.Param, error.Error.Code));
        Assert.DoesNotContain("/secret/path", error.Error.Message);
    }

    [Fact]
    public void For_AnotherException_IsNull()
    {
        Assert.Null(HttpError.For(new InvalidOperationException("internal")));
        Assert.Null(HttpError.For(new OperationCanceledException()));
    }

    [Fact]
    public void For_SeveralProblems_HasAllMessages() =>
        Assert.Equal("first. second.", HttpError.For(new InvalidRequestException([new("n", "first."), new("size", "second.")]))!.Error.Message);

    [Theory]
    [InlineData(1, "1")]
    [InlineData(1.2, "2")]
    public async Task WriteAsync_HasStatusBodyAndRetryAfter(double seconds, string retryAfter)
    {
        var response = await WriteAsync(HttpError.For(new NotAdmittedException(new(AdmissionVerdict.QueueFull, TimeSpan.FromSeconds(seconds), default)))!);
        Assert.Equal((429, retryAfter), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        Assert.StartsWith("application/json", response.ContentType);
        var error = JsonDocument.Parse(((MemoryStream)response.Body).ToArray()).RootElement.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
        Assert.Equal(JsonValueKind.Null, error.GetProperty("param").ValueKind);
    }

    [Fact]
    public async Task WriteAsync_WithoutRetryAfter_HasNoSuchHeader() =>
        Assert.False((await WriteAsync(HttpError.Invalid("no"))).Headers.ContainsKey("Retry-After"));

    private static async Task<HttpResponse> WriteAsync(HttpError error)
    {
        var context = new DefaultHttpContext();
        context.Response.Body = new MemoryStream();
        await error.WriteAsync(context.Response);
        return context.Response;
    }
}
