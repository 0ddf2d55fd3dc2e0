using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>Calibration of small test models: tables, presets, the file, and what requests make of them.</summary>
public sealed class CacheCalibratorTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 8;
    private readonly ModelFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public async Task Transformer_HasEveryTable_AndItsFileIsReadWithTheModel()
    {
        var folder = _folders.Copy("dit", "model");
        using (var pipeline = DiffusionPipeline.Load(folder, _folders.Host))
        {
            Assert.Null(pipeline.Calibration);
            var refused = Assert.Single(Assert.Throws<InvalidRequestException>(() => pipeline.Check(Request(0) with { CachePreset = "fast" }, new())).Problems);
            Assert.Equal("cache_preset", refused.Parameter);
            Assert.Contains("'inference calibrate model'", refused.Message);
            pipeline.Check(Request(0) with { CachePreset = "exact" }, new());

            var calibration = await pipeline.CalibrateAsync(new() { Requests = [Request(1), Request(2), Request(3)], Steps = [Steps, 4], Report = output.WriteLine }, default);
            Assert.Equal([4, Steps], calibration.Runs.Select(run => run.Steps));
            var run = calibration.Runs[1];
            Assert.Equal((Steps, Steps, 5), (run.Ratios.Length, run.Similarities.Length, run.Polynomial.Length));
            Assert.True(run.ForecastThreshold > 0);
            Assert.All(run.Schedules, schedule => Assert.True(schedule.Full[0] == 0 && schedule.Full.Length < Steps));
            Assert.Equal(["high", "balanced", "fast"], run.Presets.Select(preset => preset.Name));
            // What is allowed to be worse never takes more.
            Assert.Equal(run.Presets.Select(preset => preset.Work).OrderDescending(), run.Presets.Select(preset => preset.Work));
            Assert.All(run.Presets, preset => Assert.True(preset.Policy is null || preset.Psnr >= preset.TargetDecibels, $"{preset}"));
            CalibrationFile.Save(calibration, CalibrationFile.PathOf(folder, null));
        }
        using var calibrated = DiffusionPipeline.Load(folder, _folders.Host);
        Assert.Equal([4, Steps], calibrated.Calibration!.Runs.Select(run => run.Steps));
        Assert.DoesNotContain(calibrated.Notes, note => note.Contains("preset"));
        // Measured tables stand in for what a request leaves out.
        foreach (var policy in (string[])["magcache", "teacache", "step_rehash", "cg_taylor", "fixed_steps"])
            Assert.NotNull((await calibrated.TraceAsync(Request(0) with { Steps = Steps, Cache = new(policy, new Dictionary<string, object>()) })).Caches[0]);
        foreach (var preset in CachePreset.Names)
            Assert.NotNull((await calibrated.TraceAsync(Request(0) with { Steps = Steps + 1, CachePreset = preset })).Caches[0]);
    }

    [Fact]
    public async Task UNet_HasTheTablesOfItsOutput_AndPresetsOfPoliciesItCanRun()
    {
        using var pipeline = DiffusionPipeline.Load(TestPipelines.Folder("sd15"), _folders.Host);
        var requests = Enumerable.Range(0, 2).Select(i => new GenerationRequest { Prompt = $"picture {i}", Size = new(64, 64), Sampler = "euler" }).ToArray();
        var run = Assert.Single((await pipeline.CalibrateAsync(new() { Requests = requests, Steps = [10], Report = output.WriteLine }, default)).Runs);
        Assert.Equal((10, 0, 0), (run.Similarities.Length, run.Ratios.Length, run.Polynomial.Length));
        Assert.All(run.Schedules, schedule => Assert.Equal("lite", schedule.Features));
        Assert.All(run.Presets, preset => Assert.Contains(preset.Policy, (string?[])[null, "easycache", "taylorseer", "zeus", "deepcache"]));
    }

    [Fact]
    public void Calibration_OfOtherFiles_OfAnotherVersionOrBroken_IsRefusedWithTheReason()
    {
        var folder = _folders.Copy("dit", "model");
        var path = CalibrationFile.PathOf(folder, null);
        string Problem()
        {
            using var pipeline = DiffusionPipeline.Load(folder, _folders.Host);
            Assert.Null(pipeline.Calibration);
            Assert.Contains(pipeline.Notes, note => note.StartsWith("It has no cache presets", StringComparison.Ordinal));
            return Assert.Single(Assert.Throws<InvalidRequestException>(() => pipeline.Check(Request(0) with { CachePreset = "high" }, new())).Problems).Message;
        }
        CalibrationFile.Save(Calibration("other"), path);
        Assert.Contains("was made for other model files", Problem());
        CalibrationFile.Save(Calibration(ModelFingerprint.Of(folder)) with { Version = 99 }, path);
        Assert.Contains("has version 99, not 1", Problem());
        File.WriteAllText(path, "{ no json");
        Assert.Contains("cannot be read", Problem());
        File.WriteAllText(path, "null");
        Assert.Contains("is empty", Problem());
    }

    [Fact]
    public void Fingerprint_IsThatOfTheModel_NotOfWhatLiesBesideIt()
    {
        var folder = _folders.Copy("dit", "model");
        var before = ModelFingerprint.Of(folder);
        File.WriteAllText(Path.Combine(folder, "README.md"), "notes");
        Assert.Equal(before, ModelFingerprint.Of(folder));
        File.AppendAllText(Path.Combine(folder, "scheduler", "scheduler_config.json"), " ");
        Assert.NotEqual(before, ModelFingerprint.Of(folder));
    }

    [Fact]
    public void FolderOfCalibrations_ComesBeforeTheModels()
    {
        var folder = _folders.Copy("dit", "model");
        var directory = Path.Combine(_folders.Root, "calibrations");
        var fingerprint = ModelFingerprint.Of(folder);
        CalibrationFile.Save(Calibration(fingerprint, steps: 10), CalibrationFile.PathOf(folder, null));
        Assert.Equal(10, CalibrationFile.Load(folder, directory, fingerprint).Value!.Runs[0].Steps);
        CalibrationFile.Save(Calibration(fingerprint, steps: 20), CalibrationFile.PathOf(folder, directory));
        Assert.Equal(20, CalibrationFile.Load(folder, directory, fingerprint).Value!.Runs[0].Steps);
        Assert.True(File.Exists(Path.Combine(directory, "model.json")));
    }

    private static GenerationRequest Request(int label) => new() { Prompt = "", ClassLabels = [label], GuidanceScale = 4 };

    private static CacheCalibration Calibration(string model, int steps = 10) => new() { Model = model, Runs = [new() { Steps = steps, Sampler = "ddim", GuidanceScale = 4, Pictures = 2 }] };
}
