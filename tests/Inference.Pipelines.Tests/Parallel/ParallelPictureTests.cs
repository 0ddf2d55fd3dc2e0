using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>Parallel sampling with real networks: the embedded model and the tiny exports of every family.</summary>
public sealed class ParallelPictureTests(EmbeddedModel model, LoadedPipelines pipelines, ITestOutputHelper output) : IClassFixture<EmbeddedModel>, IClassFixture<LoadedPipelines>
{
    private static readonly GenerationRequest Apple = new() { Prompt = "a red apple on a blue background", Seed = 7, Steps = 50, Sampler = "ddim" };

    [Theory]
    [InlineData("picard")]
    [InlineData("parataa")]
    [InlineData("jacobi")]
    [InlineData("parareal")]
    [InlineData("chords")]
    public async Task ToleranceZero_GivesThePlainPicture(string method)
    {
        var request = Apple with { Steps = 12 };
        var plain = await model.Pipeline.TraceAsync(request);
        var trace = await model.Pipeline.TraceAsync(request with { Parallel = Parallel(method, ("tolerance", 0), ("window", 4)) });
        // Batches of other sizes round differently, which sampling carries on.
        Assert.InRange(trace.Latents[0].Zip(plain.Latents[0], (a, b) => Math.Abs(a - b)).Max(), 0, 2e-3);
        Assert.Equal(method, trace.Parallels[0]!.Method);
        Assert.InRange(trace.Parallels[0]!.Iterations, 1, 12);
    }

    [Fact]
    public async Task OnADeviceWithFreeRows_APictureIsDoneInSixtyPercentOfTheTime_AtFortyDecibels()
    {
        var plain = await model.Pipeline.GenerateAsync(Apple, new(), null, default);
        // What auto grants a guided request alone on a device of 6 ms + 0.2 ms a row (WindowWidthTests).
        var parallel = await model.Pipeline.GenerateAsync(Apple with { Parallel = Parallel("picard", ("window", 16)) }, new(), null, default);
        var use = parallel.Images[0].Parallel!;
        var milliseconds = use.Windows.Sum(window => SimulatedCost.Batching.Of(2 * (window.End - window.Begin)).TotalMilliseconds);
        var psnr = ImageQuality.Psnr(plain.Images[0].Image, parallel.Images[0].Image);
        output.WriteLine($"{use.Iterations} iterations, {use.Evaluations} evaluations, {milliseconds:F0} ms, {psnr:F1} dB");
        Assert.True(milliseconds <= 0.6 * 50 * SimulatedCost.Batching.Of(2).TotalMilliseconds, $"{milliseconds} ms");
        Assert.True(psnr >= 40, $"{psnr} dB");
    }

    [Fact]
    public async Task AWarmStart_NeedsFewerIterations_AndOnlyKnownRunsAreTaken()
    {
        var request = Apple with { Parallel = Parallel("parataa", ("window", 25), ("order", 25), ("keep", true)), Steps = 25 };
        var first = (await model.Pipeline.GenerateAsync(request, new(), null, default)).Images[0];
        var similar = request with { Prompt = "a green apple on a blue background" };
        var cold = (await model.Pipeline.GenerateAsync(similar, new(), null, default)).Images[0];
        var warm = (await model.Pipeline.GenerateAsync(similar with { Parallel = Parallel("parataa", ("window", 25), ("order", 25), ("warm_start", first.Run!), ("variation_steps", 15)) }, new(), null, default)).Images[0];
        output.WriteLine($"{cold.Parallel!.Iterations} cold, {warm.Parallel!.Iterations} warm");
        Assert.True(warm.Parallel.Iterations < cold.Parallel.Iterations);
        Assert.Null(warm.Run);
        Refused(model.Pipeline, similar with { Steps = 20, Parallel = Parallel("parataa", ("warm_start", first.Run!)) }, "parallel", "of 25 steps");
        Refused(model.Pipeline, similar with { Parallel = Parallel("parataa", ("warm_start", "nothing")) }, "parallel", "names no run");
    }

    [Fact]
    public async Task EveryFamily_SamplesInParallel_OrSaysWhyNot()
    {
        foreach (var family in (string[])["dit", "pixart", "sd3", "flux", "sd15"])
        {
            var request = new GenerationRequest
            {
                Prompt = family == "dit" ? "" : "a cat",
                ClassLabels = family == "dit" ? [1] : [],
                Steps = 4,
                Sampler = family is "sd3" or "flux" ? "euler" : "ddim",
                Parallel = Parallel("picard", ("window", 2), ("tolerance", 0)),
            };
            if (!pipelines[family].Notes.IsEmpty)
            {
                Refused(pipelines[family], request, "parallel", "one timestep a call");
                continue;
            }
            var trace = await pipelines[family].TraceAsync(request);
            var plain = await pipelines[family].TraceAsync(request with { Parallel = null });
            Assert.InRange(trace.Latents[0].Zip(plain.Latents[0], (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(b))).Max(), 0, 1e-2);
        }
    }

    [Fact]
    public void WhatDoesNotGoTogether_IsRefusedByName()
    {
        var picard = Parallel("picard");
        Refused(model.Pipeline, Apple with { Parallel = picard, Cache = new("fora", new Dictionary<string, object>()) }, "cache", "'parallel'");
        Refused(model.Pipeline, Apple with { Parallel = picard, Sharing = LaneSharing.Solo }, "parallel", "'solo'");
        Refused(model.Pipeline, Apple with { Parallel = picard, Sampler = "unipc" }, "parallel", "'unipc'");
        Refused(model.Pipeline, Apple with { Parallel = picard, GuidanceAdaptiveThreshold = 0.9 }, "parallel", "guidance_adaptive_threshold");
        Refused(model.Pipeline, Apple with { Parallel = Parallel("pcm") }, "parallel", "picard_consistency");
        Refused(model.Pipeline, Apple with { Parallel = Parallel("picard", ("window", 200)) }, "parallel", "at most 128");
        Assert.Equal("picard", model.Pipeline.Check(Apple with { Parallel = picard }, new()).Parallel);
    }

    [Fact]
    public async Task PredictedCost_CountsTheRowsOfTheWindow()
    {
        var plain = await model.Pipeline.PredictAsync(Apple, new(), default);
        var wide = await model.Pipeline.PredictAsync(Apple with { Parallel = Parallel("picard", ("window", 8)) }, new(), default);
        Assert.Equal(8 * plain.RowsPerPicture, wide.RowsPerPicture);
        Assert.True(wide.Rows * wide.Evaluations > 1.5 * plain.Rows * plain.Evaluations);
        // Nothing is known of the costs here, so nothing is free.
        Assert.Equal(plain, await model.Pipeline.PredictAsync(Apple with { Parallel = Parallel("picard") }, new(), default));
    }

    [Fact]
    public async Task AConsistencyModel_IsLoadedByItsMetadata()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(EmbeddedModel.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.Root, Path.GetRelativePath(EmbeddedModel.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var index = Path.Combine(folder.Root, "model_index.json");
        await File.WriteAllTextAsync(index, (await File.ReadAllTextAsync(index)).Replace("\"_class_name\"", "\"picard_consistency\": \"transformer\",\n  \"_class_name\"", StringComparison.Ordinal));
        using var pair = DiffusionPipeline.Load(folder.Root, pipelines.Host);
        var request = Apple with { Steps = 10 };
        var plain = await pair.TraceAsync(request);
        var trace = await pair.TraceAsync(request with { Parallel = Parallel("pcm", ("tolerance", 0), ("window", 5)) });
        Assert.InRange(trace.Latents[0].Zip(plain.Latents[0], (a, b) => Math.Abs(a - b)).Max(), 0, 2e-3);
        Assert.True(trace.Parallels[0]!.Evaluations > trace.Parallels[0]!.Windows.Sum(window => window.End - window.Begin), "The second model was not evaluated.");

        await File.WriteAllTextAsync(index, (await File.ReadAllTextAsync(index)).Replace("\"picard_consistency\": \"transformer\"", "\"picard_consistency\": \"vae_decoder\"", StringComparison.Ordinal));
        Assert.ThrowsAny<Exception>(() => DiffusionPipeline.Load(folder.Root, pipelines.Host));
    }

    private static void Refused(DiffusionPipeline pipeline, GenerationRequest request, string parameter, string message)
    {
        var problems = Assert.Throws<InvalidRequestException>(() => pipeline.Check(request, new())).Problems;
        Assert.Contains(problems, problem => problem.Parameter == parameter && problem.Message.Contains(message, StringComparison.Ordinal));
    }

    private static ParallelRequest Parallel(string method, params (string Name, object Value)[] options) => new(method, options.ToDictionary(option => option.Name, option => option.Value));
}
