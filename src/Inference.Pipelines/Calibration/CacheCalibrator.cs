using System.Collections.Immutable;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What to calibrate with.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The runs; count, seed and steps are set for each. At least two.</summary>
    public required IReadOnlyList<GenerationRequest> Requests { get; init; }

    /// <summary>Numbers of steps, each ≥ 2.</summary>
    public required IReadOnlyList<int> Steps { get; init; }

    /// <summary>Told what is done, or null.</summary>
    public Action<string>? Report { get; init; }
}

/// <summary>
/// Calibrates a model: plain runs give the tables, then the settings of <see cref="PresetCandidates"/> are run on the same requests, and for each target the
/// cheapest one is taken whose PSNR is above it with a confidence of 95 %. Runs side by side say which may be cheapest; those are timed alone.
/// </summary>
/// <param name="pipeline">The model.</param>
/// <param name="clock">Time that work takes: the process's processor time where the network runs on the CPU, which what else the machine does leaves alone.</param>
internal sealed class CacheCalibrator(DiffusionPipeline pipeline, Func<TimeSpan> clock)
{
    /// <summary>Values kept of a feature at a step.</summary>
    private const int RecordedValues = 16384;

    // One-sided 95 % of the normal distribution.
    private const double Confidence = 1.645;

    // Equal pictures.
    private const double HighestDecibels = 100;

    // Bolder settings of a policy whose pictures are already worse than any target need not be run.
    private const double LowestDecibels = 25;

    // Less work than this saved is none.
    private const double MostWork = 0.97;

    // Worse pictures are not worth less than a tenth of the time.
    private const double WorthIt = 0.9;

    // Settings of a target that are timed alone.
    private const int Finalists = 4;

    private sealed record Measurement(CacheRequest Cache, double Psnr, double Bound, double FullShare, double Time);

    public async Task<CacheCalibration> RunAsync(CalibrationOptions options, CancellationToken cancellationToken)
    {
        var runs = ImmutableArray.CreateBuilder<CalibratedRun>();
        foreach (var steps in options.Steps.Distinct().Order())
            runs.Add(await RunAsync([.. options.Requests.Select((request, i) => request with { Steps = steps, Seed = i, Count = 1, Cache = null, CachePreset = null, Parallel = null })], options.Report, cancellationToken));
        return new() { Model = pipeline.Fingerprint, Runs = runs.ToImmutable() };
    }

    private async Task<CalibratedRun> RunAsync(IReadOnlyList<GenerationRequest> requests, Action<string>? report, CancellationToken cancellationToken)
    {
        var settings = pipeline.Check(requests[0], new());
        var records = new List<FeatureRecord>();
        foreach (var request in requests)
        {
            records.Add(new(RecordedValues));
            await pipeline.RecordAsync(request, records[^1], cancellationToken);
        }
        var run = CalibrationTables.Fill(new() { Steps = settings.Steps, Sampler = settings.Sampler, GuidanceScale = settings.GuidanceScale, Pictures = requests.Count }, records);
        records.Clear();
        report?.Invoke($"{settings.Steps} steps: tables of {requests.Count} plain runs");
        return run with { Presets = await PresetsAsync(run, requests, report, cancellationToken) };
    }

    private async Task<ImmutableArray<CalibratedPreset>> PresetsAsync(CalibratedRun run, IReadOnlyList<GenerationRequest> requests, Action<string>? report, CancellationToken cancellationToken)
    {
        var (plain, _) = await GenerateAsync(requests, null, cancellationToken);
        var measured = new List<(Measurement Measurement, double Work)>();
        foreach (var settings in PresetCandidates.Of(run, !run.Ratios.IsEmpty, !pipeline.UNet.Connections.IsEmpty))
        {
            // A machine does not stay the same: a policy is timed against plain runs beside it.
            var (_, plainTime) = await GenerateAsync(requests, null, cancellationToken);
            var policy = new List<Measurement>();
            foreach (var setting in settings)
            {
                policy.Add(await MeasureAsync(run, requests, plain, setting, cancellationToken));
                report?.Invoke(FormattableString.Invariant($"{run.Steps} steps: {setting.Policy} {string.Join(' ', setting.Options.Select(option => $"{option.Key}={option.Value}"))}: {policy[^1].FullShare:P0} in full, {policy[^1].Psnr:F1} dB, {plainTime / policy[^1].Time:F2} x"));
                if (policy[^1].Psnr < LowestDecibels)
                    break;
            }
            // What a skipped row costs is the same for all settings of a policy, so the middle one of them is believed.
            var skipped = policy.Where(each => each.FullShare < 0.9).Select(each => (each.Time / plainTime - each.FullShare) / (1 - each.FullShare)).Order().ToArray();
            var cost = skipped.Length == 0 ? 1 : Math.Clamp(skipped[skipped.Length / 2], 0, 1);
            measured.AddRange(policy.Select(each => (each, each.FullShare + (1 - each.FullShare) * cost)));
        }
        return await ChooseAsync(new(pipeline, clock, requests, run), measured, report, cancellationToken);
    }

    // The best target first: a preset that is hardly cheaper than the better one is the better one under its own name.
    private async Task<ImmutableArray<CalibratedPreset>> ChooseAsync(
        WorkAlone alone, List<(Measurement Measurement, double Work)> measured, Action<string>? report, CancellationToken cancellationToken)
    {
        var presets = ImmutableArray.CreateBuilder<CalibratedPreset>();
        foreach (var (name, target) in CachePreset.Targets.OrderByDescending(target => target.Decibels))
        {
            var finalists = new List<(Measurement Measurement, double Work)>();
            foreach (var (fitting, _) in measured.Where(each => each.Measurement.Bound >= target && each.Work < MostWork).OrderBy(each => each.Work).Take(Finalists))
                finalists.Add((fitting, await alone.OfAsync(fitting.Cache, cancellationToken)));
            var chosen = Preset(name, target, finalists.Where(each => each.Work < MostWork).OrderBy(each => each.Work).Take(1));
            presets.Add(presets.Count > 0 && chosen.Work > WorthIt * presets[^1].Work ? presets[^1] with { Name = name, TargetDecibels = target } : chosen);
            report?.Invoke(FormattableString.Invariant($"{name} is {presets[^1].Policy ?? "the plain run"}, {presets[^1].Work:P0} of the plain run's work alone"));
        }
        return presets.ToImmutable();
    }

    private static CalibratedPreset Preset(string name, double target, IEnumerable<(Measurement Measurement, double Work)> chosen) => chosen.ToArray() is [var (best, work)]
        ? new(name, target, best.Cache.Policy, best.Cache.Options.ToImmutableSortedDictionary(option => option.Key, option => JsonSerializer.SerializeToElement(option.Value)),
            Math.Round(best.Psnr, 2), Math.Round(best.FullShare, 4), Math.Round(work, 3))
        : new(name, target, null, ImmutableSortedDictionary<string, JsonElement>.Empty, null, 1, 1);

    private async Task<Measurement> MeasureAsync(CalibratedRun run, IReadOnlyList<GenerationRequest> requests, IReadOnlyList<GeneratedImage> plain, CacheRequest cache, CancellationToken cancellationToken)
    {
        var (images, elapsed) = await GenerateAsync(requests, run.Complete(cache, run.Steps), cancellationToken);
        var psnr = plain.Zip(images, (expected, actual) => Math.Min(HighestDecibels, ImageQuality.Psnr(expected.Image, actual.Image))).ToArray();
        var mean = psnr.Average();
        var error = Math.Sqrt(psnr.Sum(value => (value - mean) * (value - mean)) / (psnr.Length - 1) / psnr.Length);
        return new(cache, mean, mean - Confidence * error, images.Average(image => image.Cache!.FullShare), elapsed);
    }

    // Side by side, which is faster.
    private async Task<(IReadOnlyList<GeneratedImage> Images, double Seconds)> GenerateAsync(IReadOnlyList<GenerationRequest> requests, CacheRequest? cache, CancellationToken cancellationToken)
    {
        // Forms of the network are opened before anything is timed.
        if (cache is not null)
            await pipeline.PredictAsync(requests[0] with { Cache = cache }, new(), cancellationToken);
        var started = clock();
        var results = await Task.WhenAll(requests.Select(request => pipeline.GenerateAsync(request with { Cache = cache }, new(), null, cancellationToken)));
        return ([.. results.Select(result => result.Images[0])], (clock() - started).TotalSeconds);
    }
}
