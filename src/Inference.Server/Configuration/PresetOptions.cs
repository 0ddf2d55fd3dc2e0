namespace Inference.Server;

/// <summary>Presets made by <c>inference tune</c>.</summary>
public sealed record PresetOptions
{
    /// <summary>Directory of preset files (*.json), read at the start; relative paths start at the program's folder. It need not exist.</summary>
    public string Directory { get; init; } = "presets";
}
