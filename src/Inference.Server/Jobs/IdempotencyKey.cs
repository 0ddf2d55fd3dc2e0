namespace Inference.Server;

/// <summary>The header by which a client makes sure that a job it submits twice is run once (draft-ietf-httpapi-idempotency-key-header).</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>Reads the header; null where there is none.</summary>
    /// <exception cref="BadRequestException">It is given twice, empty, too long or not printable ASCII.</exception>
    public static string? Read(HttpRequest request) => request.Headers[Header] switch
    {
        [] => null,
        [{ Length: > 0 and <= MaxLength } key] when key.All(c => c is >= ' ' and <= '~') => key,
        _ => throw new BadRequestException(HttpError.Invalid($"'{Header}' must be 1 to {MaxLength} printable ASCII characters, once.", Header, "invalid_value")),
    };
}
