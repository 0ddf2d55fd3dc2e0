using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>One kind of request in a mix.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Fields">What goes into the body, each drawn by itself.</param>
/// <param name="Extra">Fields for servers with names of their own, sent as they are.</param>
internal sealed record MixEntry(string Name, IReadOnlyList<(MixField Field, Weighted<JsonElement> Values)> Fields, IReadOnlyList<(string Name, JsonElement Value)> Extra)
{
    public ImageRequest Draw(int index, SeededRandom random)
    {
        var drawn = Fields.ToDictionary(field => field.Field, field => field.Values.Pick(random));
        // Always drawn, so that a fixed seed in the file moves nothing else.
        var seed = (long)(random.Next() >> 33);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (field, value) in drawn)
            {
                json.WritePropertyName(field.BodyName);
                if (field == MixField.Seed && value.ValueKind == JsonValueKind.String)
                    json.WriteNumberValue(seed);
                else
                    value.WriteTo(json);
            }
            foreach (var (name, value) in Extra)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        return new(
            index, Name, buffer.ToArray(),
            drawn.TryGetValue(MixField.Stream, out var stream) && stream.GetBoolean(),
            drawn.TryGetValue(MixField.Count, out var count) ? count.GetInt32() : 1,
            drawn.TryGetValue(MixField.Size, out var size) ? PixelSize.Parse(size.GetString()) : null);
    }
}
