using System.Net.Sockets;
using System.Security.Authentication;

namespace Inference.LoadTest;

/// <summary>Exceptions of the network as classes of failures.</summary>
internal static class FailureOf
{
    public static Failure Exception(Exception exception)
    {
        var chain = Chain(exception).ToArray();
        var example = string.Join(": ", chain.Select(part => part.Message).Distinct());
        if (chain.OfType<RetryRefusedException>().Any())
            return new(FailureKind.Reset, "closed before the answer", chain.OfType<RetryRefusedException>().First().Message);
        if (chain.OfType<AnswerTooLongException>().Any())
            return new(FailureKind.WrongContent, "answer too long", example);
        if (chain.OfType<AuthenticationException>().Any())
            return new(FailureKind.Connection, "TLS", example);
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
            return Socket(socket.SocketErrorCode, example);
        return chain.OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => new(FailureKind.Connection, "TLS", example),
            HttpRequestError.NameResolutionError => new(FailureKind.Connection, "unknown host", example),
            HttpRequestError.ConnectionError => new(FailureKind.Connection, "no connection", example),
            HttpRequestError.ResponseEnded => new(FailureKind.Reset, "closed in the answer", example),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => new(FailureKind.Reset, "not HTTP", example),
            HttpRequestError.ConfigurationLimitExceeded => new(FailureKind.WrongContent, "headers too long", example),
            // The handler names no cause when reading a chunked or cut body fails.
            _ when chain.OfType<HttpIOException>().FirstOrDefault() is { } io => new(FailureKind.Reset, io.HttpRequestError == HttpRequestError.ResponseEnded ? "closed in the answer" : "not HTTP", example),
            _ when exception is IOException or HttpRequestException => new(FailureKind.Reset, "connection broken", example),
            _ => new(FailureKind.Client, exception.GetType().Name, example),
        };
    }

    public static Failure Status(int status, string? reason, string body) => new(
        status switch
        {
            429 or 503 => FailureKind.Overload,
            >= 400 and < 500 => FailureKind.RequestRefused,
            >= 500 => FailureKind.ServerError,
            _ => FailureKind.WrongContent,
        },
        $"http {status}",
        body.Length > 0 ? body : reason ?? "no body");

    private static Failure Socket(SocketError error, string example) => error switch
    {
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.OperationAborted => new(FailureKind.Reset, "connection reset", example),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable => new(FailureKind.Client, $"{error}", example),
        SocketError.ConnectionRefused => new(FailureKind.Connection, "connection refused", example),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(FailureKind.Connection, "unknown host", example),
        _ => new(FailureKind.Connection, $"{error}", example),
    };

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var part = exception; part is not null; part = part.InnerException)
            yield return part;
    }
}
