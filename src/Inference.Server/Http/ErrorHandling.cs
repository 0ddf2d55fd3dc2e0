namespace Inference.Server;

/// <summary>Request ids, and OpenAI-shaped bodies for everything that is not a success.</summary>
internal sealed partial class ErrorHandling(RequestDelegate next, ILogger<ErrorHandling> logger)
{
    public const string RequestIdHeader = "x-request-id";

    /// <summary>nginx's status for a client that went away; nobody receives it, logs and metrics count it.</summary>
    public const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var id = RequestIdOf(context.Request);
        context.TraceIdentifier = id;
        context.Response.Headers[RequestIdHeader] = id;
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await Bodyless(context).WriteAsync(context.Response);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogDisconnected(id);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (HttpError.For(exception) is not { } error)
            {
                LogFailure(exception, id);
                error = HttpError.Internal(id);
            }
            else if (error.Status >= 500)
            {
                LogFailure(exception, id);
            }
            await error.WriteAsync(context.Response);
        }
    }

    // An id from the client is kept when it is harmless in logs and headers.
    private static string RequestIdOf(HttpRequest request)
    {
        var given = request.Headers[RequestIdHeader].ToString();
        return given.Length is > 0 and <= 128 && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? given
            : $"req_{Guid.CreateVersion7():N}";
    }

    private static HttpError Bodyless(HttpContext context)
    {
        var request = context.Request;
        return context.Response.StatusCode switch
        {
            404 => HttpError.Invalid($"Unknown request URL: {request.Method} {request.Path}.", null, "unknown_url", 404),
            405 => HttpError.Invalid($"{request.Method} is not allowed for {request.Path}; allowed: {context.Response.Headers.Allow}.", null, "method_not_allowed", 405),
            415 => HttpError.Invalid("Content-Type must be application/json.", null, "unsupported_media_type", 415),
            var status => HttpError.Invalid($"The request was refused with status {status}.", null, null, status),
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Request {RequestId}: the client disconnected")]
    private partial void LogDisconnected(string requestId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed")]
    private partial void LogFailure(Exception exception, string requestId);
}
