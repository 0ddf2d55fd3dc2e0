using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.Experiments;

/// <summary>Definitions as the store keeps them.</summary>
internal static partial class DefinitionText
{
    public static string Write(ExperimentDefinition definition) => JsonSerializer.Serialize(definition, Context.Default.ExperimentDefinition);

    /// <exception cref="ExperimentStoreException">It is none.</exception>
    public static ExperimentDefinition Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, Context.Default.ExperimentDefinition) ?? throw new ExperimentStoreException("A definition in the experiments file is null.");
        }
        catch (JsonException exception)
        {
            throw new ExperimentStoreException($"A definition in the experiments file cannot be read: {exception.Message}", exception);
        }
    }

    [JsonSourceGenerationOptions(UseStringEnumConverter = true)]
    [JsonSerializable(typeof(ExperimentDefinition))]
    private sealed partial class Context : JsonSerializerContext;
}
