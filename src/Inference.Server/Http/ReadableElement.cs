using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>Values of any kind in bodies. Their text is looked at when it is used, so halves of surrogate pairs, which are no text, are refused here.</summary>
internal sealed class ReadableElement : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        try
        {
            Visit(element);
        }
        catch (InvalidOperationException)
        {
            throw new JsonException();
        }
        return element;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => value.WriteTo(writer);

    private static void Visit(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            element.GetString();
        else if (element.ValueKind == JsonValueKind.Array)
            foreach (var item in element.EnumerateArray())
                Visit(item);
        else if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject())
            {
                _ = property.Name;
                Visit(property.Value);
            }
    }
}
