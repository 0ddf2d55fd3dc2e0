using Inference.Batching;
using Inference.Sampling;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>What a cached request gives depends on nothing but the request: not on what ran before it or runs beside it.</summary>
public sealed class CacheExactnessTests(LoadedPipelines pipelines, ITestOutputHelper output) : IClassFixture<LoadedPipelines>
{
    private const string Ratios = "1.02,1.01,1,0.99,0.98";
    private const double Tolerance = 1e-4;

    public static TheoryData<string, string, double> NothingToSkip => new()
    {
        { "fora", "interval", 1 },
        { "taylorseer", "interval", 1 },
        { "taylorseer", "first", 8 },
        { "first_block", "threshold", 0 },
        { "first_block", "first", 8 },
        { "magcache", "threshold", 0 },
        { "magcache", "retention", 1 },
        { "hicache", "interval", 1 },
        { "speca", "threshold", 0 },
        { "dbcache", "max_skip", 0 },
        { "cg_taylor", "first", 8 },
        { "teacache", "threshold", 0 },
        { "easycache", "threshold", 0 },
        { "zeus", "interval", 1 },
        { "step_rehash", "threshold", 1 },
        { "guidance_delta", "interval", 1 },
        { "fixed_steps", "first", 8 },
    };

    public static TheoryData<string, string> PoliciesByFamily
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var family in (string[])["dit", "pixart", "sd3", "flux", "fluxschnell"])
                foreach (var policy in Policies.Keys)
                    // A distilled model has one side only.
                    if (policy != "guidance_delta" || family is not ("flux" or "fluxschnell"))
                        data.Add(family, policy);
            foreach (var family in (string[])["sd15", "sdxl"])
                foreach (var policy in (string[])[.. NeedNoGraph, "deepcache", "deepcache-inner"])
                    data.Add(family, policy);
            return data;
        }
    }

    private static readonly Dictionary<string, CacheRequest> UNetPolicies = new()
    {
        ["deepcache"] = Cache("deepcache", ("interval", 3.0)),
        ["deepcache-inner"] = Cache("deepcache", ("interval", 3.0), ("branch", 1.0), ("order", 1.0)),
    };

    internal static CacheRequest Policy(string name) => Policies.TryGetValue(name, out var policy) ? policy : UNetPolicies[name];

    [Fact]
    public void EveryPolicy_IsAmongTheTested() =>
        Assert.Equal(CachePolicies.All.Select(policy => policy.Id).Order(), Policies.Concat(UNetPolicies).Select(entry => entry.Value.Policy).Distinct().Order());

    internal static readonly Dictionary<string, CacheRequest> Policies = new()
    {
        ["fora"] = Cache("fora", ("interval", 3.0)),
        ["fora-attention"] = Cache("fora", ("interval", 3.0), ("modules", "attention")),
        ["taylorseer"] = Cache("taylorseer", ("interval", 3.0), ("first", 2.0), ("order", 2.0)),
        ["taylorseer-divided"] = Cache("taylorseer", ("interval", 3.0), ("first", 2.0), ("differences", "divided")),
        ["taylorseer-attention"] = Cache("taylorseer", ("interval", 3.0), ("first", 2.0), ("modules", "attention")),
        ["taylorseer-lite"] = Cache("taylorseer", ("interval", 3.0), ("first", 2.0), ("modules", "lite")),
        ["first_block"] = Cache("first_block", ("threshold", 0.5)),
        ["first_block-taylor"] = Cache("first_block", ("threshold", 0.5), ("order", 1.0)),
        ["magcache"] = Cache("magcache", ("retention", 0.2), ("ratios", Ratios)),
        ["hicache"] = Cache("hicache", ("interval", 3.0), ("first", 2.0)),
        ["speca"] = Cache("speca", ("threshold", 5.0), ("first", 2.0)),
        ["dbcache"] = Cache("dbcache", ("blocks", 1.0), ("threshold", 0.5), ("first", 2.0)),
        ["cg_taylor"] = Cache("cg_taylor", ("threshold", 0.5), ("first", 2.0)),
        ["cg_taylor-reuse"] = Cache("cg_taylor", ("threshold", 0.5), ("first", 2.0), ("order", 0.0), ("probe_order", 2.0)),
        ["teacache"] = Cache("teacache", ("polynomial", "1,0.01"), ("threshold", 0.5)),
        ["fixed_steps"] = Cache("fixed_steps", ("full", "0,1,3,5,6")),
        ["easycache"] = Cache("easycache", ("threshold", 2.0), ("first", 2.0)),
        ["zeus"] = Cache("zeus", ("interval", 3.0)),
        ["step_rehash"] = Cache("step_rehash", ("similarities", "0.999"), ("threshold", 0.99)),
        ["guidance_delta"] = Cache("guidance_delta", ("interval", 2.0)),
    };

    // What a policy cannot do without.
    private static readonly Dictionary<string, (string, object)[]> Needed = new()
    {
        ["magcache"] = [("ratios", Ratios)],
        ["teacache"] = [("polynomial", "1,0")],
        ["step_rehash"] = [("similarities", "0.9")],
        ["fixed_steps"] = [("full", "0")],
    };

    private static readonly string[] NeedNoGraph = ["taylorseer-lite", "easycache", "zeus", "step_rehash", "guidance_delta"];

    [Theory]
    [MemberData(nameof(NothingToSkip))]
    public async Task NothingToSkip_GivesTheBytesOfThePlainRun(string policy, string option, double value)
    {
        var plain = Request("sd3") with { Sharing = LaneSharing.Solo };
        var cache = Cache(policy, [(option, value), .. Needed.GetValueOrDefault(policy, [])]);
        var trace = await pipelines["sd3"].TraceAsync(plain with { Cache = cache });
        Assert.Equal((await pipelines["sd3"].TraceAsync(plain)).Latents[0], trace.Latents[0]);
        Assert.Equal((1, 0), (trace.Caches[0]!.FullShare, trace.Caches[0]!.Bytes));
    }

    [Theory]
    [MemberData(nameof(PoliciesByFamily))]
    public async Task EveryPolicy_RunsOnEveryFamily_AndSaysWhatItDid(string family, string policy)
    {
        var pipeline = pipelines[family];
        var request = Request(family) with { Steps = 10, Cache = Policy(policy) };
        var predicted = await pipeline.PredictAsync(request, new(), default);
        var trace = await pipeline.TraceAsync(request);
        var use = trace.Caches[0]!;
        output.WriteLine($"{family} {policy}: {use.FullSteps.Count} of 10 steps in full, {use.Bytes} bytes");
        Assert.All(trace.Latents[0], value => Assert.True(float.IsFinite(value)));
        // Reusing what guidance adds, the side with the prompt is computed on every step.
        Assert.InRange(use.FullSteps.Count, 1, trace.Timesteps.Length - (policy == "guidance_delta" ? 0 : 1));
        Assert.InRange(use.FullShare, 0.1, 0.9);
        Assert.True(use.Bytes > 0);
        // What was reserved is what was taken, and it has come back.
        Assert.Equal(use.Bytes, predicted.FeatureBytes);
        Assert.Equal(0, pipelines.Host.Features.HeldBytes);
    }

    [Fact]
    public async Task DifferentPolicies_SideBySide_GiveWhatEachGivesAlone()
    {
        var pipeline = pipelines["sd3"];
        var requests = Policies.Values.Append(null)
            .Select((cache, i) => Request("sd3") with { Cache = cache, Seed = i, Steps = 8 + i % 3, GuidanceScale = 1 + i % 3 * 2 }).ToArray();
        var alone = new List<GenerationTrace>();
        foreach (var request in requests)
            alone.Add(await pipeline.TraceAsync(request));
        var together = await Task.WhenAll(requests.Concat(requests).Select(request => pipeline.TraceAsync(request)));
        for (var i = 0; i < together.Length; i++)
        {
            var (expected, actual) = (alone[i % requests.Length], together[i]);
            Assert.True(Error(expected.Latents[0], actual.Latents[0]) <= Tolerance, $"{requests[i % requests.Length].Cache?.Policy}: {Error(expected.Latents[0], actual.Latents[0])}");
            // Gates decide by row: the same steps are skipped in whatever company.
            Assert.Equal(expected.Caches[0]?.FullSteps, actual.Caches[0]?.FullSteps);
            Assert.Equal(expected.Caches[0]?.FullShare, actual.Caches[0]?.FullShare);
        }
    }

    [Fact]
    public async Task Solo_GivesEqualBytes_AmongOthers()
    {
        var pipeline = pipelines["flux"];
        foreach (var (name, cache) in Policies.Where(policy => policy.Key != "guidance_delta"))
        {
            var solo = Request("flux") with { Cache = cache, Sharing = LaneSharing.Solo };
            var alone = (await pipeline.TraceAsync(solo)).Latents[0];
            var others = Policies.Values.Where(other => other.Policy != "guidance_delta").Select((other, i) => pipeline.TraceAsync(Request("flux") with { Cache = other, Seed = i })).ToArray();
            var among = (await pipeline.TraceAsync(solo)).Latents[0];
            await Task.WhenAll(others);
            Assert.True(alone.SequenceEqual(among), name);
        }
    }

    [Theory]
    [InlineData("fora")]
    [InlineData("taylorseer")]
    [InlineData("taylorseer-lite")]
    [InlineData("first_block")]
    [InlineData("magcache")]
    [InlineData("speca")]
    [InlineData("dbcache")]
    [InlineData("cg_taylor")]
    [InlineData("teacache")]
    [InlineData("easycache")]
    [InlineData("guidance_delta")]
    public async Task NothingStale_IsLeft_ByAnotherSize_StepCountOrGuidance(string policy)
    {
        var pipeline = pipelines["sd3"];
        var request = Request("sd3") with { Cache = Policies[policy], Sharing = LaneSharing.Solo };
        var first = (await pipeline.TraceAsync(request)).Latents[0];
        foreach (var other in new[]
        {
            request with { Size = new(48, 32) },
            request with { Steps = 13 },
            policy == "guidance_delta" ? request with { GuidanceScale = 2 } : request with { GuidanceScale = 1 },
            request with { GuidanceScale = 7, GuidanceInterval = (0.2, 3) },
            request with { Count = 3 },
            request with { Cache = Policies["taylorseer-divided"] },
        })
        {
            var before = (await pipeline.TraceAsync(other)).Latents[0];
            Assert.Equal(first, (await pipeline.TraceAsync(request)).Latents[0]);
            Assert.Equal(before, (await pipeline.TraceAsync(other)).Latents[0]);
        }
        Assert.Equal(0, pipelines.Host.Features.HeldBytes);
    }

    [Fact]
    public async Task EvaluationsOfAStep_HaveFeaturesOfTheirOwn()
    {
        var request = Request("sd3") with { Steps = 9, GuidanceScale = 1, Cache = Cache("fora", ("interval", 3.0)) };
        var euler = (await pipelines["sd3"].TraceAsync(request with { Sampler = "euler" })).Caches[0]!;
        var heun = await pipelines["sd3"].TraceAsync(request with { Sampler = "heun" });
        Assert.Equal(2 * euler.Bytes, heun.Caches[0]!.Bytes);
        Assert.Equal(euler.FullSteps, heun.Caches[0]!.FullSteps);
        Assert.All(heun.Latents[0], value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public async Task HigherThresholds_SkipMore_AndEveryShareIsReported()
    {
        var shares = new List<double>();
        foreach (var threshold in (double[])[0.01, 0.2, 0.5, 2])
            shares.Add((await pipelines["flux"].TraceAsync(Request("flux") with { Steps = 12, Cache = Cache("first_block", ("threshold", threshold)) })).Caches[0]!.FullShare);
        output.WriteLine(string.Join(", ", shares));
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.Equal(1, shares[0]);
        Assert.Equal(1 / 12.0, shares[^1], 6);
    }

    [Fact]
    public async Task Cancelled_GivesItsMemoryBack()
    {
        using var cancel = new CancellationTokenSource();
        var request = Request("sd3") with { Steps = 50, Cache = Policies["taylorseer"] };
        var run = pipelines["sd3"].GenerateAsync(request, new(), new CancelAtStep(cancel, 10), cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, pipelines.Host.Features.HeldBytes);
    }

    [Theory]
    [InlineData("fora")]
    [InlineData("taylorseer")]
    [InlineData("first_block")]
    [InlineData("magcache")]
    [InlineData("hicache")]
    [InlineData("speca")]
    [InlineData("dbcache")]
    [InlineData("cg_taylor")]
    [InlineData("teacache")]
    [InlineData("fixed_steps")]
    public void NetworkThatCannotBeAnalysed_IsRefusedByName_AndNotSilentlyPlain(string policy)
    {
        var request = new GenerationRequest { Prompt = "a cat", Cache = Policies[policy] };
        var problem = Assert.Single(Assert.Throws<InvalidRequestException>(() => pipelines["sd15"].Check(request, new())).Problems);
        Assert.Equal("cache", problem.Parameter);
        Assert.Contains($"'{policy}'", problem.Message);
        Assert.Contains("'sd15'", problem.Message);
        Assert.Contains("U-Net", problem.Message);
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    public async Task UNets_SideBySide_GiveWhatEachGivesAlone_AndSoloEqualBytes(string family)
    {
        var pipeline = pipelines[family];
        CacheRequest?[] caches = [.. UNetPolicies.Values, .. NeedNoGraph.Select(name => Policies[name]), null];
        var requests = caches.Select((cache, i) => Request(family) with { Cache = cache, Seed = i }).ToArray();
        var alone = new List<GenerationTrace>();
        foreach (var request in requests)
            alone.Add(await pipeline.TraceAsync(request with { Sharing = LaneSharing.Solo }));
        var together = await Task.WhenAll(requests.Concat(requests).Select((request, i) => pipeline.TraceAsync(i < requests.Length ? request : request with { Sharing = LaneSharing.Solo })));
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.True(Error(alone[i].Latents[0], together[i].Latents[0]) <= Tolerance, $"{caches[i]?.Policy}: {Error(alone[i].Latents[0], together[i].Latents[0])}");
            Assert.Equal(alone[i].Latents[0], together[requests.Length + i].Latents[0]);
            Assert.Equal(alone[i].Caches[0]?.FullSteps, together[i].Caches[0]?.FullSteps);
        }
    }

    [Fact]
    public void Transformer_RefusesDeepCache_AndCutsItDoesNotHave()
    {
        string Problem(CacheRequest cache) => Assert.Single(Assert.Throws<InvalidRequestException>(() => pipelines["sd3"].Check(Request("sd3") with { Cache = cache }, new())).Problems).Message;
        Assert.Contains("no skip connections", Problem(UNetPolicies["deepcache"]));
        Assert.Contains("of its 3 blocks, 2 at the front and 1 at the end leave none between them", Problem(Cache("dbcache", ("blocks", 2.0), ("tail_blocks", 1.0))));
    }

    [Fact]
    public async Task TailBlocks_AreComputedOnSkippedSteps()
    {
        // One block of three is skipped: closer to the plain run than skipping two.
        var plain = (await pipelines["sd3"].TraceAsync(Request("sd3"))).Latents[0];
        async Task<double> Of(double tail) =>
            Error(plain, (await pipelines["sd3"].TraceAsync(Request("sd3") with { Cache = Cache("dbcache", ("blocks", 1.0), ("tail_blocks", tail), ("threshold", 100.0), ("max_skip", 1.0), ("first", 1.0)) })).Latents[0]);
        var (without, with) = (await Of(0), await Of(1));
        output.WriteLine($"{without} without, {with} with the last block computed");
        Assert.InRange(with, 1e-6, without);
    }

    [Fact]
    public void RequestWithoutGuidance_RefusesGuidanceDelta()
    {
        foreach (var request in new[] { Request("sd3") with { GuidanceScale = 1 }, Request("flux") })
        {
            var problem = Assert.Single(Assert.Throws<InvalidRequestException>(() => pipelines[request.Size is null || request.GuidanceScale == 1 ? "sd3" : "flux"].Check(request with { Cache = Policies["guidance_delta"] }, new())).Problems);
            Assert.Contains("not guided", problem.Message);
        }
    }

    [Fact]
    public void FewStepModel_RefusesEveryPolicyByName()
    {
        foreach (var (_, cache) in Policies.Concat(UNetPolicies))
        {
            var problem = Assert.Single(Assert.Throws<InvalidRequestException>(() => pipelines["lcm"].Check(new() { Prompt = "a cat", Steps = 4, Cache = cache }, new())).Problems);
            Assert.Contains($"'{cache.Policy}'", problem.Message);
        }
    }

    private static CacheRequest Cache(string policy, params (string Name, object Value)[] options) => new(policy, options.ToDictionary(option => option.Name, option => option.Value));

    internal static GenerationRequest Request(string family) => family == "dit"
        ? new() { Prompt = "", ClassLabels = [3], Steps = 8, Seed = 1 }
        : new() { Prompt = "a red apple", Steps = 8, Seed = 1, Size = family switch { "pixart" => null, "sd15" or "sdxl" => new(64, 64), _ => new(32, 32) }, GuidanceScale = family == "fluxschnell" ? null : 4 };

    internal static double Error(float[] expected, float[] actual)
    {
        var mean = expected.Average(value => (double)value);
        var deviation = Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
        return expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / deviation;
    }

    private sealed class CancelAtStep(CancellationTokenSource cancel, int last) : IGenerationObserver
    {
        public void OnStep(in PictureStep step)
        {
            if (step.Step == last)
                cancel.Cancel();
        }
    }
}
