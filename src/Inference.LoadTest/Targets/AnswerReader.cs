namespace Inference.LoadTest;

/// <summary>Reads a response to its end, notes when that was, and only then looks at what it holds.</summary>
internal static class AnswerReader
{
    private const int ErrorBytes = 4096;

    public static async Task<Reply> ReadAsync(HttpResponseMessage response, ImageRequest request, long maxBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var stages = response.Headers.TryGetValues("Server-Timing", out var timings) ? ServerStages.FromHeader(timings) : [];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var media = response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";
        if (response.IsSuccessStatusCode && media == "text/event-stream")
        {
            var streamed = await EventStream.ReadAsync(new LimitedStream(stream, maxBytes), request, time, cancellationToken);
            return new() { CompletedAt = streamed.CompletedAt, FirstPictureAt = streamed.FirstPictureAt, Failure = streamed.Failure, Stages = streamed.Stages.Count > 0 ? streamed.Stages : stages };
        }

        using var body = new MemoryStream();
        var limit = response.IsSuccessStatusCode ? maxBytes : ErrorBytes;
        var tooLong = !await CopyAsync(stream, body, limit, cancellationToken);
        var completed = time.GetTimestamp();
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (!response.IsSuccessStatusCode)
            return new() { CompletedAt = completed, Failure = FailureOf.Status((int)response.StatusCode, response.ReasonPhrase, AnswerCheck.Excerpt(bytes.Span)), Stages = stages };
        if (tooLong)
            return new() { CompletedAt = completed, Failure = AnswerCheck.Wrong("answer too long", $"the answer is longer than {maxBytes} bytes") };
        if (media.StartsWith("image/", StringComparison.Ordinal))
            return new() { CompletedAt = completed, Failure = AnswerCheck.Bytes(bytes.Span, request), Stages = stages };
        if (!media.EndsWith("json", StringComparison.Ordinal))
            return new() { CompletedAt = completed, Failure = AnswerCheck.Wrong("content type", $"the content type is '{media}': {AnswerCheck.Excerpt(bytes.Span)}"), Stages = stages };
        if (request.Stream)
            return new() { CompletedAt = completed, Failure = AnswerCheck.Wrong("not streamed", "a stream of events was asked for, JSON came"), Stages = stages };
        var (failure, reported) = AnswerCheck.Response(bytes, request);
        return new() { CompletedAt = completed, Failure = failure, Stages = reported.Count > 0 ? reported : stages };
    }

    // Whether the whole stream fit.
    private static async Task<bool> CopyAsync(Stream from, MemoryStream to, long limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 << 10];
        while (true)
        {
            var read = await from.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                return true;
            if (to.Length + read > limit)
                return false;
            to.Write(buffer, 0, read);
        }
    }
}
