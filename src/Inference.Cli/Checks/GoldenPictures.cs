using System.Runtime.InteropServices;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Pictures that the reference implementation made of a model (golden.json in its folder): prompt, steps, guidance, seed and planes in -1 to 1.</summary>
internal static class GoldenPictures
{
    // Equal pictures are infinitely good, which JSON cannot hold.
    private const double LargestPsnr = 200;

    /// <summary>Generates every case and compares.</summary>
    /// <exception cref="CommandException">The file is not of that form.</exception>
    public static async Task<IReadOnlyList<GoldenCheck>> RunAsync(DiffusionPipeline pipeline, string file, CancellationToken cancellationToken)
    {
        try
        {
            using var golden = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancellationToken));
            var checks = new List<GoldenCheck>();
            foreach (var entry in golden.RootElement.GetProperty("cases").EnumerateArray())
            {
                var request = new GenerationRequest
                {
                    Prompt = entry.GetProperty("prompt").GetString()!,
                    Steps = entry.GetProperty("steps").GetInt32(),
                    GuidanceScale = entry.GetProperty("guidance_scale").GetDouble(),
                    Seed = entry.GetProperty("seed").GetInt64(),
                };
                var picture = (await pipeline.GenerateAsync(request, new(), null, cancellationToken)).Images[0].Image;
                checks.Add(new(request.Prompt, Math.Min(LargestPsnr, ImageQuality.Psnr(Read(entry.GetProperty("image_chw_minus1to1"), picture), picture))));
            }
            return checks;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new CommandException($"'{file}' is no file of golden cases: {exception.Message}");
        }
    }

    private static RgbImage Read(JsonElement tensor, RgbImage like)
    {
        var planes = MemoryMarshal.Cast<byte, float>(tensor.GetProperty("f32").GetBytesFromBase64());
        var pixels = new byte[like.Pixels.Length];
        if (planes.Length != pixels.Length)
            throw new FormatException($"a picture has {planes.Length} values, {pixels.Length} were expected.");
        for (var i = 0; i < planes.Length; i++)
            pixels[i % (planes.Length / 3) * 3 + i / (planes.Length / 3)] = (byte)Math.Clamp(MathF.Round((planes[i] + 1) * 127.5f), 0, 255);
        return new(like.Width, like.Height, pixels);
    }
}
