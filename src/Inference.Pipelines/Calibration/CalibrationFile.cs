using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Where calibrations are kept: beside the model, or in a folder of their own where model folders may not be written.</summary>
public static class CalibrationFile
{
    private const string Name = "cache_calibration.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Path of a model's calibration.</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <param name="directory">Folder of calibrations, or null for beside the model.</param>
    public static string PathOf(string modelFolder, string? directory) =>
        directory is null ? Path.Combine(modelFolder, Name) : Path.Combine(directory, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(modelFolder))}.json");

    /// <summary>Writes a calibration, replacing what was there in one step.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Save(CacheCalibration calibration, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(draft, [.. JsonSerializer.SerializeToUtf8Bytes(calibration, Json), (byte)'\n']);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Fails before the work is done rather than behind it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void CheckWritable(string path)
    {
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(draft, []);
        File.Delete(draft);
    }

    /// <summary>The calibration of a model: of the folder of calibrations, else of the one beside it. One that is broken or was made for other files is
    /// not used.</summary>
    internal static ModelCalibration Load(string modelFolder, string? directory, string fingerprint)
    {
        var path = directory is null ? null : PathOf(modelFolder, directory);
        if (path is null || !File.Exists(path))
            path = PathOf(modelFolder, null);
        if (!File.Exists(path))
            return ModelCalibration.None;
        try
        {
            var calibration = JsonSerializer.Deserialize<CacheCalibration>(File.ReadAllBytes(path), Json);
            return calibration switch
            {
                null or { Runs.IsDefaultOrEmpty: true } => new(null, $"its calibration {path} is empty"),
                { Version: not CacheCalibration.CurrentVersion } => new(null, $"its calibration {path} has version {calibration.Version}, not {CacheCalibration.CurrentVersion}"),
                _ when calibration.Model != fingerprint => new(null, $"its calibration {path} was made for other model files"),
                _ => new(calibration with { Runs = [.. calibration.Runs.OrderBy(run => run.Steps)] }, null),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return new(null, $"its calibration {path} cannot be read: {exception.Message}");
        }
    }
}
