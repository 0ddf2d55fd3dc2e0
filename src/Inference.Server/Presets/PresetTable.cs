using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The presets that requests may name. A file that cannot be used is an error in the log; the others are served.</summary>
internal sealed partial class PresetTable
{
    private readonly Dictionary<string, TunedPreset> _presets = new(StringComparer.Ordinal);

    public PresetTable(ServerOptions options, ILogger<PresetTable> logger)
    {
        var directory = Path.Combine(AppContext.BaseDirectory, options.Presets.Directory);
        if (!Directory.Exists(directory))
            return;
        foreach (var path in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
            try
            {
                var preset = TunedPreset.Read(path);
                ArmOptions.Read(System.Text.Json.JsonElement.Parse(preset.Options.ToJsonString()), "options");
                if (!_presets.TryAdd(preset.Name, preset))
                    LogSkipped(logger, $"'{path}': there is another preset called '{preset.Name}'.");
            }
            catch (Exception exception) when (exception is PresetException or BadRequestException)
            {
                LogSkipped(logger, $"'{path}': {exception.Message}");
            }
    }

    /// <summary>All presets by name.</summary>
    public IEnumerable<TunedPreset> All => _presets.Values.OrderBy(preset => preset.Name, StringComparer.Ordinal);

    /// <summary>The preset that a request names; null when it names none.</summary>
    /// <exception cref="BadRequestException">There is no such preset, it is for another model, or the request sets what it sets.</exception>
    public TunedPreset? Of(ImageGenerationBody body)
    {
        if (body.Preset is not { } name)
            return null;
        if (!_presets.TryGetValue(name, out var preset))
            throw Invalid("preset", $"'preset' must be the name of a preset from GET /v1/presets: {(_presets.Count == 0 ? "there are none" : string.Join(", ", All.Select(known => known.Name)))}.");
        if (body.Model is { } model && model != preset.Model)
            throw Invalid("preset", $"Preset '{preset.Name}' is for model '{preset.Model}', not '{model}'.");
        return ArmOptions.SetBy(body, [preset.Options.ToJsonString()]) is { } set ? throw Invalid(set, $"'{set}' is set by preset '{preset.Name}'; leave out one of them.") : preset;
    }

    /// <summary>Refuses a preset that was made for other files than those that are served.</summary>
    /// <exception cref="BadRequestException">It was.</exception>
    public static void Check(TunedPreset preset, DiffusionPipeline pipeline)
    {
        if (preset.Fingerprint != pipeline.Fingerprint)
            throw Invalid("preset", $"Preset '{preset.Name}' was made for other files of model '{preset.Model}' than those that are served; make it again with 'inference tune'.");
    }

    private static BadRequestException Invalid(string field, string message) => new(HttpError.Invalid(message, field, "invalid_value"));

    [LoggerMessage(Level = LogLevel.Error, Message = "A preset is not served: {Problem}")]
    private static partial void LogSkipped(ILogger logger, string problem);
}
