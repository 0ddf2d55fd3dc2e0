using System.Diagnostics.CodeAnalysis;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Closed-loop clients side by side: 16 plain ones, then 8 plain and 8 cached ones of different policies.</summary>
internal sealed class CachingMixedLoad(DiffusionPipeline pipeline, IReadOnlyList<CachingSetting> cached, TimeProvider time)
{
    private const int Clients = 16;

    // 8-bit pictures of a request alone and in company differ by rounding at most.
    private const double EqualDecibels = 50;

    /// <param name="PlainRate">Pictures a second of 16 plain clients.</param>
    /// <param name="MixedRate">Pictures a second of 8 plain and 8 cached clients.</param>
    /// <param name="PredictedRate">The same from the evaluation counts: a picture takes as much of the device as it has full evaluations.</param>
    /// <param name="Different">Requests whose picture was not that of the same request alone.</param>
    /// <param name="Requests">Requests of the mixed load.</param>
    /// <param name="WorstPsnr">Of all requests, against the same request alone.</param>
    [SuppressMessage("Style", "IDE1006", Justification = "Positional parameters of a record.")]
    internal sealed record Outcome(double PlainRate, double MixedRate, double PredictedRate, int Different, int Requests, double WorstPsnr)
    {
        public double Efficiency => MixedRate / PredictedRate;
    }

    public async Task<Outcome> RunAsync(CachingSetting plain, TimeSpan duration)
    {
        var alone = new Dictionary<int, RgbImage>();
        for (var client = 0; client < Clients; client++)
            alone[client] = (await GenerateAsync(SettingOf(client), client)).Image;
        var (plainPictures, plainSeconds) = await LoadAsync(_ => plain, duration);
        var (pictures, seconds) = await LoadAsync(SettingOf, duration);

        var psnr = pictures.Select(picture => ImageQuality.Psnr(alone[picture.Client], picture.Image.Image)).ToArray();
        // What 16 plain clients show the device to do, spent on pictures that take as much of it as they have full evaluations.
        var work = pictures.Sum(picture => picture.Image.Cache?.FullShare ?? 1);
        var plainRate = plainPictures.Count / plainSeconds;
        return new(plainRate, pictures.Count / seconds, plainRate * pictures.Count / work, psnr.Count(value => value < EqualDecibels), pictures.Count, psnr.Min());

        CachingSetting SettingOf(int client) => client < Clients / 2 ? plain : cached[(client - Clients / 2) % cached.Count];
    }

    private async Task<(List<(int Client, GeneratedImage Image)> Pictures, double Seconds)> LoadAsync(Func<int, CachingSetting> settingOf, TimeSpan duration)
    {
        // Everybody is under way before anything counts.
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => GenerateAsync(settingOf(client), client)));
        var started = time.GetTimestamp();
        var pictures = new List<(int, GeneratedImage)>();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            while (time.GetElapsedTime(started) < duration)
            {
                var image = await GenerateAsync(settingOf(client), client);
                lock (pictures)
                    pictures.Add((client, image));
            }
        }));
        return (pictures, time.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<GeneratedImage> GenerateAsync(CachingSetting setting, int client) =>
        (await pipeline.GenerateAsync(CachingQuality.Request(setting, client), new(), null, default)).Images[0];
}
