using Inference.Batching;
using Inference.Experiments;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>Error body in the shape of the OpenAI API.</summary>
public sealed record OpenAiErrorResponse(OpenAiError Error);

/// <param name="Message">What is wrong and what is allowed.</param>
/// <param name="Type"><c>invalid_request_error</c>, <c>rate_limit_error</c> or <c>server_error</c>.</param>
/// <param name="Param">The field that is wrong, when there is one.</param>
/// <param name="Code">Stable code for programs.</param>
public sealed record OpenAiError(string Message, string Type, string? Param, string? Code);

/// <summary>An error with its HTTP status.</summary>
internal sealed record HttpError(int Status, OpenAiError Error, TimeSpan? RetryAfter = null)
{
    public static HttpError Invalid(string message, string? parameter = null, string? code = null, int status = StatusCodes.Status400BadRequest) =>
        new(status, new(message, "invalid_request_error", parameter, code));

    public static HttpError Server(int status, string message, string code, TimeSpan? retryAfter = null) => new(status, new(message, "server_error", null, code), retryAfter);

    /// <summary>An error that clients should know nothing of but where the log has it.</summary>
    public static HttpError Internal(string requestId) =>
        Server(StatusCodes.Status500InternalServerError, $"The server failed; its log has the details under request id {requestId}.", "internal_error");

    /// <summary>The error for an exception; null when it is none that clients should see.</summary>
    public static HttpError? For(Exception exception) => exception switch
    {
        BadRequestException bad => bad.Error,
        InvalidRequestException invalid => Invalid(invalid.Message, invalid.Problems[0].Parameter, "invalid_value"),
        NotAdmittedException refused => Refused(refused.Answer),
        DeadlineMissedException missed => Server(StatusCodes.Status504GatewayTimeout, missed.Message, "deadline_missed"),
        CancelledByRequestException cancelled => Invalid(cancelled.Message, null, "cancelled", ErrorHandling.ClientClosedRequest),
        // What only the run can find: an adaptive sampler reached its limit.
        SamplingOptionException option => Invalid(option.Message, option.Parameter, "invalid_value"),
        GenerationFailedException failed => Server(StatusCodes.Status500InternalServerError, failed.Message, "no_picture"),
        ModelUnavailableException unavailable => Server(StatusCodes.Status503ServiceUnavailable, unavailable.Message, "model_unavailable"),
        JobStorageException => Server(StatusCodes.Status507InsufficientStorage, "The job could not be stored; the log has the details.", "storage_failed"),
        ExperimentStoreException => Server(StatusCodes.Status503ServiceUnavailable, "Experiments are not available: their file is damaged or cannot be used; the log has the details.", "experiments_unavailable"),
        ImageCodecException codec => Invalid(codec.Message, "image", "invalid_image"),
        EvaluationException { InnerException: DeviceUnavailableException device } => Server(StatusCodes.Status503ServiceUnavailable, device.Message, "device_unavailable", device.RetryAfter),
        EvaluationException { InnerException: ProviderFailedException { Fault: DeviceFault.Sticking } } => For(new DeviceLostException()),
        DeviceLostException lost => Server(StatusCodes.Status503ServiceUnavailable, lost.Message, "device_lost", TimeSpan.FromSeconds(10)),
        ServerStoppingException stopping => Server(StatusCodes.Status503ServiceUnavailable, stopping.Message, "stopping", TimeSpan.FromSeconds(1)),
        EvaluationException => Server(StatusCodes.Status500InternalServerError, "The model could not be evaluated; the log has the details.", "evaluation_failed"),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Invalid(
            "The request body is larger than this server accepts (Inference:Limits:MaxBodyBytes).", null, "body_too_large", StatusCodes.Status413PayloadTooLarge),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Invalid(
            "The request body came too slowly (Inference:Connections:MinBytesPerSecond).", null, "body_too_slow", StatusCodes.Status408RequestTimeout),
        BadHttpRequestException bad => Invalid(bad.Message, null, "bad_request", bad.StatusCode),
        _ => null,
    };

    private static HttpError Refused(AdmissionAnswer answer) => answer.Verdict switch
    {
        AdmissionVerdict.DeadlineTooShort => Invalid(
            $"'timeout_ms' is shorter than the request takes on an idle server, about {Math.Ceiling(answer.PredictedTime.TotalMilliseconds)} ms.", "timeout_ms", "deadline_too_short"),
        AdmissionVerdict.DeadlineTooBusy => TooMany("The server is too busy to meet the request's deadline.", "deadline_too_busy", answer.RetryAfter),
        _ => TooMany("The server has as much work waiting as it accepts.", "queue_full", answer.RetryAfter),
    };

    /// <summary>Status 429 with a time to come back.</summary>
    public static HttpError TooMany(string message, string code, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new(message, "rate_limit_error", null, code), TimeSpan.FromSeconds(Math.Max(1, retryAfter.TotalSeconds)));

    /// <summary>Writes the error as the response.</summary>
    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString();
        await response.WriteAsJsonAsync(new OpenAiErrorResponse(Error), ServerJson.Default.OpenAiErrorResponse);
    }
}

/// <summary>A request that is answered with an error, thrown where it is found.</summary>
internal sealed class BadRequestException(HttpError error) : Exception(error.Error.Message)
{
    public HttpError Error { get; } = error;
}
