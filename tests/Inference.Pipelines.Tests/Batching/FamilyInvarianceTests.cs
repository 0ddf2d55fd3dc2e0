using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>For every family of models: what each sampler gives alone, it gives among all others that the family can be sampled with.</summary>
public sealed class FamilyInvarianceTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    // A float16 network rounds to 1e-3 wherever a sum is taken in another order.
    private const double HalfTolerance = 2e-2;

    public static TheoryData<string> Names => [.. TestPipelines.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EverySampler_GivesTheSameLatents_AloneAndTogether(string name)
    {
        var largest = new LargestBatch();
        using var host = TestPipelines.Host(largest);
        using var pipeline = DiffusionPipeline.Load(TestPipelines.Folder(name), host);
        var requests = Requests(pipeline).ToArray();
        var alone = new List<float[]>();
        foreach (var request in requests)
            alone.Add((await pipeline.TraceAsync(request)).Latents[0]);
        largest.Rows = 0;
        var together = await Task.WhenAll(requests.Select(request => pipeline.TraceAsync(request)));

        var tolerance = name.EndsWith("-fp16", StringComparison.Ordinal) ? HalfTolerance : Tolerance;
        var errors = requests.Select((request, i) => (request.Sampler, Error: new GoldenTensor([], alone[i]).RelativeError(together[i].Latents[0]))).ToArray();
        output.WriteLine($"{name}: {errors.Length} samplers, up to {largest.Rows} rows a batch, worst {errors.MaxBy(entry => entry.Error)}");
        // More than the pair of one guided request.
        Assert.True(largest.Rows >= 3, $"at most {largest.Rows} rows shared a batch");
        Assert.All(errors, entry => Assert.True(entry.Error <= tolerance, $"{entry.Sampler}: {entry.Error:E1} of std"));
    }

    private static IEnumerable<GenerationRequest> Requests(DiffusionPipeline pipeline) => SamplerRegistry.All
        .Select((sampler, i) => new GenerationRequest
        {
            Prompt = pipeline.Classes > 0 ? "" : $"picture {i % 5}",
            ClassLabels = pipeline.Classes > 0 ? [i % pipeline.Classes] : [],
            Sampler = sampler.Id,
            Steps = 3 + i % 3,
            GuidanceScale = 1 + i % 3,
            Seed = i,
            Size = pipeline.Sizes.Allows(new(32, 32)) ? new(32, 32) : pipeline.Sizes.Default,
        })
        .Where(request => IsPossible(pipeline, request));

    private static bool IsPossible(DiffusionPipeline pipeline, GenerationRequest request)
    {
        try
        {
            pipeline.Check(request, new());
            return true;
        }
        catch (InvalidRequestException)
        {
            return false;
        }
    }

    private sealed class LargestBatch : IBatchObserver
    {
        public int Rows { get; set; }

        public void OnBatch(in BatchReport report) => Rows = Math.Max(Rows, report.Rows);
    }
}
