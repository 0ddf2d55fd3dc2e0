using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>What a stream of server-sent events came to.</summary>
/// <param name="FirstPictureAt">When the first partial or whole picture had arrived.</param>
/// <param name="CompletedAt">When the last picture had arrived, or the stream ended without it.</param>
internal sealed record StreamedAnswer(long? FirstPictureAt, long CompletedAt, Failure? Failure, IReadOnlyList<StageTime> Stages);

/// <summary>Reads the events of a streamed generation: <c>image_generation.partial_image</c> and <c>image_generation.completed</c>, <c>error</c>, <c>[DONE]</c>.</summary>
internal static class EventStream
{
    /// <summary>Reads until the last picture has come. Bytes beyond the limit are wrong content.</summary>
    public static async Task<StreamedAnswer> ReadAsync(Stream stream, ImageRequest request, TimeProvider time, CancellationToken cancellationToken)
    {
        var (first, completed) = (default(long?), 0);
        var (failure, stages) = (default(Failure), (IReadOnlyList<StageTime>)[]);
        var parser = SseParser.Create(stream, (_, data) => Encoding.UTF8.GetString(data));
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            var arrived = time.GetTimestamp();
            if (item.Data.Trim() is "[DONE]" or "")
                continue;
            using var json = TryParse(item.Data);
            if (json is null)
                return new(first, arrived, AnswerCheck.Wrong("not JSON", $"an event is not JSON: {AnswerCheck.Excerpt(Encoding.UTF8.GetBytes(item.Data))}"), stages);
            var type = TypeOf(json.RootElement) ?? item.EventType;
            if (type == "error" || json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out _))
                return new(first, arrived, new(FailureKind.ServerError, "error event", AnswerCheck.Excerpt(Encoding.UTF8.GetBytes(item.Data))), stages);
            if (type.EndsWith(".partial_image", StringComparison.Ordinal))
                first ??= arrived;
            if (!type.EndsWith(".completed", StringComparison.Ordinal))
                continue;
            first ??= arrived;
            failure ??= AnswerCheck.Picture(json.RootElement, request);
            stages = ServerStages.FromBody(json.RootElement) is { Count: > 0 } reported ? reported : stages;
            if (++completed == request.Pictures)
                return new(first, arrived, failure, stages);
        }
        return new(first, time.GetTimestamp(), AnswerCheck.Wrong("stream ended early", $"{completed} pictures instead of {request.Pictures} before the stream ended"), stages);
    }

    private static string? TypeOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static JsonDocument? TryParse(string data)
    {
        try
        {
            return JsonDocument.Parse(data);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
