using System.Globalization;
using System.Text;
using System.Text.Json;
using Inference.Onnx;

namespace Inference.Cli;

/// <summary>Writes what a check of a device found as JSON and as Markdown, with the same columns whatever the provider.</summary>
internal static class DeviceCheckReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes both files into a folder.</summary>
    /// <returns>Path of the Markdown file.</returns>
    public static async Task<string> WriteAsync(DeviceCheckResult result, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "check.md");
        await File.WriteAllTextAsync(Path.Combine(folder, "check.json"), JsonSerializer.Serialize(result, Json), cancellationToken);
        await File.WriteAllTextAsync(path, Markdown(result), cancellationToken);
        return path;
    }

    public static string Markdown(DeviceCheckResult result)
    {
        var text = new StringBuilder("# Device check\n\n");
        text.Append(CultureInfo.InvariantCulture, $"    {result.Command}\n\n{result.Date:yyyy-MM-dd HH:mm} UTC, {result.Machine}, ONNX Runtime {result.Runtime}, model {result.Model}, providers {string.Join(", ", result.Providers)}; {result.Seconds:F0} s.\n");
        if (result.Quick)
            text.Append("\n**Shortened (`--quick`): few rows, rounds, requests and pictures. It shows that everything runs; its figures are no measurement.**\n");
        text.Append("\n## Providers\n\n| provider | devices | precisions | why not |\n|---|---|---|---|\n");
        foreach (var provider in result.Survey)
            text.Append(CultureInfo.InvariantCulture, $"| {provider.Name} | {string.Join(", ", provider.Devices)} | {string.Join(", ", provider.Precisions.Select(Precisions.NameOf))} | {provider.Error} |\n");
        text.Append("\n## Precisions against the CPU's float32\n\n| precision | largest difference of an evaluation | final pictures dB | why not |\n|---|---|---|---|\n");
        foreach (var entry in result.Precisions)
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Precision} | {entry.Difference:E1} | {entry.Psnr:F1} | {entry.Error} |\n");
        if (result.Golden.Count > 0)
        {
            text.Append("\n## Golden cases, float32\n\n| prompt | dB |\n|---|---|\n");
            foreach (var entry in result.Golden)
                text.Append(CultureInfo.InvariantCulture, $"| {entry.Prompt} | {entry.Psnr:F1} |\n");
        }
        if (result.Curve.Count > 0)
        {
            var precisions = result.Curve[0].Milliseconds.Keys.ToArray();
            text.Append(CultureInfo.InvariantCulture, $"\n## Milliseconds of an evaluation\n\n| rows | {string.Join(" | ", precisions)} |\n|---|{string.Concat(precisions.Select(_ => "---|"))}\n");
            foreach (var cost in result.Curve)
                text.Append(CultureInfo.InvariantCulture, $"| {cost.Rows} | {string.Join(" | ", precisions.Select(precision => cost.Milliseconds[precision].ToString("F2", CultureInfo.InvariantCulture)))} |\n");
        }
        if (result.Load is { } load)
            text.Append(CultureInfo.InvariantCulture, $"\n## {load.Clients} clients with mixed requests\n\n| shared batches, pictures/s | one request's rows a batch, pictures/s | gain |\n|---|---|---|\n| {load.Batched:F2} | {load.Single:F2} | {load.Gain:F2} |\n");
        if (result.Caching.Count > 0)
        {
            text.Append("\n## Feature caching\n\n| policy | denoising ms | times as fast | dB against the plain run |\n|---|---|---|---|\n");
            foreach (var entry in result.Caching)
                text.Append(CultureInfo.InvariantCulture, $"| {(entry.Policy.Length == 0 ? "none" : entry.Policy)} | {entry.Milliseconds:F1} | {entry.Speed:F2} | {entry.Psnr:F1} |\n");
        }
        if (result.Parallel.Count > 0)
        {
            text.Append("\n## Picard windows\n\n| window | iterations | denoising ms | times as fast | dB against the plain run |\n|---|---|---|---|---|\n");
            foreach (var entry in result.Parallel)
                text.Append(CultureInfo.InvariantCulture, $"| {(entry.Window is { } window ? window.ToString(CultureInfo.InvariantCulture) : "none")} | {entry.Iterations:F1} | {entry.Milliseconds:F1} | {entry.Speed:F2} | {entry.Psnr:F1} |\n");
        }
        if (result.LeftOut.Count > 0)
            text.Append("\n## Left out\n\n").AppendJoin('\n', result.LeftOut.Select(part => $"* {part}")).Append('\n');
        return text.ToString();
    }
}
