using Inference.Onnx;
using Inference.Onnx.Tests;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>
/// Pipelines on a device with memory of its own (the CPU's kernels behind memory that only copies reach): what they give is what the reference gives, and what
/// the host's memory gives, whatever is cached where.
/// </summary>
public sealed class DeviceTests(DeviceTests.Fixture fixture, ITestOutputHelper output) : IClassFixture<DeviceTests.Fixture>
{
    private const double GoldenTolerance = 1e-3;
    private const double CacheTolerance = 2e-4;
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Families => new(TestPipelines.Names.Where(folder => !folder.EndsWith("-fp16", StringComparison.Ordinal) && GoldenCase.Of(folder).Any()));

    public static TheoryData<string> CacheCases => CacheGoldenTests.Cases;

    public static TheoryData<string, string> Policies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var policy in CacheExactnessTests.Policies.Keys)
                data.Add("sd3", policy);
            foreach (var policy in (string[])["deepcache", "deepcache-inner", "easycache"])
                data.Add("sd15", policy);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task EveryFamily_GivesTheReferencesLatents(string folder)
    {
        var golden = GoldenCase.Of(folder).First();
        var trace = await fixture.Device[folder].TraceAsync(golden.Request(), golden.Scheduler());
        var error = golden.Latents.RelativeError([.. trace.Latents.SelectMany(values => GoldenPipelineTests.AsStored(values, trace.Shape, golden.Latents.Shape))]);
        output.WriteLine($"{folder}: {error:E2} of std");
        Assert.True(error <= GoldenTolerance, $"latents {error}");
    }

    [Theory]
    [MemberData(nameof(CacheCases))]
    public async Task EveryCachedCase_GivesTheReferencesStepsAndLatents(string name)
    {
        var golden = CacheGoldenTests.Read().Single(json => json.GetProperty("name").GetString() == name);
        var trace = await fixture.Device[golden.GetProperty("pipeline").GetString()!].TraceAsync(CacheGoldenTests.RequestOf(golden));
        Assert.Equal(golden.GetProperty("full_steps").EnumerateArray().Select(step => step.GetInt32()), trace.Caches[0]!.FullSteps);
        var expected = GoldenTensor.Read(golden.GetProperty("expected").GetProperty("latents"));
        var error = expected.RelativeError(GoldenPipelineTests.AsStored(trace.Latents[0], trace.Shape, expected.Shape));
        output.WriteLine($"{name}: {error:E2} of std");
        Assert.True(error <= CacheTolerance, $"latents {error}");
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task EveryPolicy_GivesWhatItGivesInTheHostsMemory(string family, string policy)
    {
        var request = CacheExactnessTests.Request(family) with { Steps = 10, Cache = CacheExactnessTests.Policy(policy) };
        var (expected, actual) = (await fixture.Host[family].TraceAsync(request), await fixture.Device[family].TraceAsync(request));
        Assert.Equal(expected.Caches[0]!.FullSteps, actual.Caches[0]!.FullSteps);
        Assert.Equal(expected.Caches[0]!.Bytes, actual.Caches[0]!.Bytes);
        Assert.True(CacheExactnessTests.Error(expected.Latents[0], actual.Latents[0]) <= Tolerance, $"{CacheExactnessTests.Error(expected.Latents[0], actual.Latents[0])}");
        Assert.Equal(0, fixture.Device.Host.Features.HeldBytes);
    }

    [Theory]
    [InlineData("sd3")]
    [InlineData("flux")]
    public async Task DifferentPolicies_SideBySide_GiveWhatEachGivesInTheHostsMemory(string family)
    {
        var policies = CacheExactnessTests.Policies.Values.Where(policy => family == "sd3" || policy.Policy != "guidance_delta").Append(null);
        var requests = policies.Select((cache, i) => CacheExactnessTests.Request(family) with { Cache = cache, Seed = i, Steps = 8 + i % 3 }).ToArray();
        var together = await Task.WhenAll(requests.Select(request => fixture.Device[family].TraceAsync(request)));
        for (var i = 0; i < requests.Length; i++)
        {
            var expected = await fixture.Host[family].TraceAsync(requests[i]);
            Assert.Equal(expected.Caches[0]?.FullSteps, together[i].Caches[0]?.FullSteps);
            Assert.True(CacheExactnessTests.Error(expected.Latents[0], together[i].Latents[0]) <= Tolerance, $"{requests[i].Cache?.Policy}: {CacheExactnessTests.Error(expected.Latents[0], together[i].Latents[0])}");
        }
        Assert.Equal(0, fixture.Device.Host.Features.HeldBytes);
    }

    [Fact]
    public async Task CachedFeatures_DoNotCrossOver()
    {
        // Of a skipped step, latents, timesteps and weights go up and the output comes back: fewer values than one feature has.
        var pipeline = fixture.Device["sd3"];
        var request = CacheExactnessTests.Request("sd3") with { Steps = 12, Cache = CacheExactnessTests.Policies["taylorseer"] };
        await pipeline.TraceAsync(request);
        var before = fixture.Memory.CrossedBytes;
        var cached = await pipeline.TraceAsync(request);
        var crossed = fixture.Memory.CrossedBytes - before;
        await pipeline.TraceAsync(request with { Cache = null });
        var plain = fixture.Memory.CrossedBytes - before - crossed;
        output.WriteLine($"{crossed} bytes with features cached, {plain} without, {cached.Caches[0]!.Bytes} bytes of features");
        Assert.InRange(crossed, plain / 2, plain + cached.Caches[0]!.Bytes / 10);
    }

    /// <summary>The same pipelines in both kinds of memory.</summary>
    public sealed class Fixture : IDisposable
    {
        private readonly StagedProvider _provider = new();

        public Fixture() => Device = new(TestPipelines.Host(new SessionFactory(ExecutionProviders.Of(_provider), new())));

        public LoadedPipelines Host { get; } = new();

        public LoadedPipelines Device { get; }

        internal StagedMemory Memory => _provider.Memory;

        public void Dispose()
        {
            Host.Dispose();
            Device.Dispose();
        }
    }
}
