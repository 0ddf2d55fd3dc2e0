using System.Collections.Concurrent;
using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines.Tests;

/// <summary>Requests against the memory there is, with real networks and a number that the test says.</summary>
public sealed class RequestMemoryTests : IDisposable
{
    private static readonly GenerationLimits Limits = new();
    private static readonly GenerationRequest Request = new() { Prompt = "a cat", Steps = 2 };
    private readonly Scripted _memory = new();
    private readonly Batches _batches = new();
    private readonly PipelineHost _host;

    public RequestMemoryTests() => _host = new(
        new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new()), new() { Guard = TimeSpan.FromSeconds(5) }, TimeProvider.System, _batches, new() { Budget = TimeSpan.Zero }, new() { Memory = _memory });

    [Theory]
    [InlineData("sd15")]
    [InlineData("sd3")]
    public async Task WhatDoesNotFit_IsRefusedBeforeItRuns_AndTheLargestThatFits_IsServed(string name)
    {
        using var pipeline = await WarmAsync(name);
        var rows = pipeline.Parts.IsGuided(pipeline.DefaultGuidanceScale) ? 2 : 1;
        var large = Square(2 * pipeline.Sizes.Default.Width);
        var needed = Needed(pipeline, large, rows);
        _memory.Bytes = needed - 1;
        _batches.Clear();
        var problem = Refused(pipeline, Request with { Size = large });
        Assert.Equal("size", problem.Parameter);
        Assert.Contains($"({needed} bytes)", problem.Message);
        Assert.Contains($"({needed - 1} bytes)", problem.Message);
        var fits = Square(large.Width - pipeline.Sizes.Multiple);
        Assert.Contains($"at most {fits} fits", problem.Message);
        Assert.Equal(fits, pipeline.Memory.Largest);
        await Assert.ThrowsAsync<InvalidRequestException>(() => pipeline.GenerateAsync(Request with { Size = large }, Limits, null, default));
        Assert.True(_batches.All.IsEmpty);

        await pipeline.GenerateAsync(Request with { Size = fits }, Limits, null, default);
        // What just ran was measured too.
        _memory.Bytes = Needed(pipeline, large, rows);
        await pipeline.GenerateAsync(Request with { Size = large }, Limits, null, default);
    }

    [Fact]
    public async Task ARequestWithoutGuidance_NeedsLess()
    {
        using var pipeline = await WarmAsync("sd15");
        _memory.Bytes = Needed(pipeline, pipeline.Sizes.Default, 1);
        Assert.Contains("a guided evaluation", Refused(pipeline, Request).Message);
        pipeline.Check(Request with { GuidanceScale = 1 }, Limits);
    }

    [Fact]
    public async Task AWindowThatDoesNotFit_IsRefusedByItsName()
    {
        using var pipeline = await WarmAsync("sd15");
        _memory.Bytes = Needed(pipeline, pipeline.Sizes.Default, 2 * 3);
        var problem = Refused(pipeline, Window(8));
        Assert.Equal("parallel", problem.Parameter);
        Assert.Contains("'parallel.window' 8 needs", problem.Message);
        Assert.Contains("at most 3 fits, or auto", problem.Message);
        pipeline.Check(Window(3), Limits);

        GenerationRequest Window(int width) => Request with { Steps = 20, Sampler = "ddim", Parallel = new("picard", new Dictionary<string, object> { ["window"] = width }) };
    }

    [Fact]
    public async Task AModelOfOneSize_IsRefusedWhenThatDoesNotFit()
    {
        using var pipeline = await WarmAsync("dit");
        var label = new GenerationRequest { Prompt = "", ClassLabels = [1], Steps = 2 };
        pipeline.Check(label, Limits);
        _memory.Bytes = Needed(pipeline, pipeline.Sizes.Default, 2) - 1;
        Assert.Contains("no size fits", Refused(pipeline, label).Message);
        Assert.Null(pipeline.Memory.Largest);
    }

    [Fact]
    public async Task ColdModel_LearnsFromWhatRuns()
    {
        using var pipeline = Load("sd15");
        _memory.Bytes = 1;
        await pipeline.GenerateAsync(Request, Limits, null, default);
        Refused(pipeline, Request);
    }

    [Fact]
    public async Task ColdModel_IsMeasuredBeforeALargerPicture()
    {
        using var pipeline = Load("sd15");
        var large = Square(4 * pipeline.Sizes.Default.Width);
        _memory.Bytes = 64 << 10;
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => pipeline.GenerateAsync(Request with { Size = large }, Limits, null, default));
        Assert.Equal("size", Assert.Single(error.Problems).Parameter);
        Assert.All(_batches.All, batch => Assert.True(batch.Key.Shape.Length <= pipeline.Parts.LatentOf(pipeline.Sizes.Default).Length));
    }

    [Fact]
    public async Task CachedRequest_NeedsRoomForAnotherForm_UntilItIsThere()
    {
        using var pipeline = await WarmAsync("sd3");
        var cached = Request with { Steps = 8, Cache = new("fora", new Dictionary<string, object> { ["interval"] = 2 }) };
        var shape = pipeline.Parts.LatentOf(pipeline.Sizes.Default);
        var plain = pipeline.Parts.Memory!.Needed(shape, new(2))!.Value;
        var both = pipeline.Parts.Memory!.Needed(shape, new(2, UsesForms: true))!.Value;
        Assert.Equal(pipeline.Parts.Denoiser.Memory.Bytes(2, shape.Height * shape.Width), both - plain);
        _memory.Bytes = both - 1;
        pipeline.Check(Request, Limits);
        Assert.Equal("size", Refused(pipeline, cached).Parameter);
        _memory.Bytes = both;
        await pipeline.GenerateAsync(cached, Limits, null, default);
        Assert.True(pipeline.Parts.Denoiser.HeldByForms > 0);
        // What the forms have taken is theirs.
        _memory.Bytes = long.MaxValue / 2;
        Assert.Equal(_memory.Bytes - pipeline.Parts.Denoiser.HeldByForms, pipeline.Memory.Available);
    }

    [Fact]
    public async Task WhatOneModelHolds_TheOtherDoesNotHave()
    {
        using var one = await WarmAsync("sd15");
        using var other = await WarmAsync("sd3");
        Assert.Equal(_memory.Bytes - other.Parts.Memory!.Held, one.Memory.Available);
        Assert.Equal(_memory.Bytes - one.Parts.Memory!.Held, other.Memory.Available);
        Assert.True(_memory.Asked.Weights > 0);
        Assert.Equal(one.Parts.Memory!.Held + other.Parts.Memory!.Held, _memory.Asked.Working);
    }

    [Fact]
    public async Task UnknownMemory_RefusesNothing()
    {
        using var pipeline = await WarmAsync("sd15");
        _memory.Bytes = null;
        pipeline.Check(Request with { Size = new(2048, 2048) }, Limits);
        Assert.Null(pipeline.Memory.Largest);
    }

    [Fact]
    public async Task Batches_HaveNoMoreRowsThanFit()
    {
        using var pipeline = await WarmAsync("sd15");
        var shape = pipeline.Parts.LatentOf(pipeline.Sizes.Default);
        _memory.Bytes = Math.Max(Needed(pipeline, pipeline.Sizes.Default, 4), pipeline.Parts.Denoiser.Memory.Bytes(4, shape.Height * shape.Width)!.Value + pipeline.Parts.Decoder.Held);
        await RunAsync();
        Assert.Equal(4, pipeline.Parts.Memory!.RowsOf(shape));
        Assert.InRange(_batches.All.Max(batch => batch.Rows), 2, 4);
        Assert.Equal(8 * 6 * 2, _batches.All.Sum(batch => batch.Rows));
        _memory.Bytes = null;
        await RunAsync();
        Assert.InRange(_batches.All.Max(batch => batch.Rows), 5, 16);

        Task RunAsync()
        {
            _batches.Clear();
            return Task.WhenAll(Enumerable.Range(0, 8).Select(i => pipeline.GenerateAsync(Request with { Seed = i, Steps = 6, Sampler = "ddim" }, Limits, null, default)));
        }
    }

    [Fact]
    public async Task Pictures_AreDecodedOneByOne_WhereTwoDoNotFit()
    {
        using var pipeline = await WarmAsync("sd15");
        var shape = pipeline.Parts.LatentOf(pipeline.Sizes.Default);
        _memory.Bytes = pipeline.Parts.Denoiser.Held + pipeline.Parts.Decoder.Memory.Bytes(2, shape.Height * shape.Width)!.Value;
        _ = pipeline.Memory;
        Assert.True(pipeline.Parts.Memory!.Decodes(shape, 2));
        Assert.False(pipeline.Parts.Memory!.Decodes(shape, 3));
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sd3")]
    public async Task Decoder_NeedsWhatTwoSmallerSizesSay_AtAThird(string name)
    {
        using var pipeline = await WarmAsync(name);
        using var fresh = Load(name);
        var size = Square(3 * pipeline.Sizes.Default.Width);
        var shape = pipeline.Parts.LatentOf(size);
        using var latent = Latent.Rent(shape);
        latent.Values.Clear();
        await fresh.Parts.Decoder.DecodeAsync(latent, default);
        var real = Assert.Single(fresh.Parts.Decoder.Memory.Points).Bytes;
        // Arenas hand out blocks of up to twice what was asked for, and these decoders are small.
        Assert.InRange((double)pipeline.Parts.Decoder.Memory.Bytes(1, shape.Height * shape.Width)! / real, 0.5, 2);
    }

    public void Dispose() => _host.Dispose();

    private static ImageSize Square(int side) => new(side, side);

    private static RequestProblem Refused(DiffusionPipeline pipeline, GenerationRequest request) =>
        Assert.Single(Assert.Throws<InvalidRequestException>(() => pipeline.Check(request, Limits)).Problems);

    private static long Needed(DiffusionPipeline pipeline, ImageSize size, int rows) => pipeline.Parts.Memory!.Needed(pipeline.Parts.LatentOf(size), new(rows))!.Value;

    private DiffusionPipeline Load(string name) => DiffusionPipeline.Load(TestPipelines.Folder(name), _host);

    private async Task<DiffusionPipeline> WarmAsync(string name)
    {
        var pipeline = Load(name);
        await pipeline.WarmUpAsync(default);
        return pipeline;
    }

    private sealed class Scripted : IMemorySource
    {
        public long? Bytes { get; set; } = long.MaxValue / 2;

        public MemoryHeld Asked { get; private set; }

        public long? Available(in MemoryHeld held)
        {
            Asked = held;
            return Bytes;
        }
    }

    private sealed class Batches : IBatchObserver
    {
        public ConcurrentBag<BatchReport> All { get; } = [];

        public void Clear() => All.Clear();

        public void OnBatch(in BatchReport report) => All.Add(report);
    }
}
