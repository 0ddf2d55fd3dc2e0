using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>Nothing else may run meanwhile: collections and allocated bytes are counted for the whole process.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;

/// <summary>What a step of a whole generation costs the garbage collector.</summary>
[Collection(nameof(RunsAlone))]
public sealed class DiffusionPipelineAllocationTests(EmbeddedModel model, ITestOutputHelper output) : IClassFixture<EmbeddedModel>
{
    private const int Few = 10;
    private const int Many = 200;
    private const int Budget = 4 << 10;

    [Fact]
    public async Task GenerateAsync_AThousandSteps_StayWithinTheBudget_WithoutAGen2Collection()
    {
        await BytesAsync(Few);
        var few = await BytesAsync(Few);
        // What earlier tests left behind is collected now, or it would set off a collection that is counted here.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var collections = GC.CollectionCount(2);
        var many = 0L;
        for (var i = 0; i < 5; i++)
            many += await BytesAsync(Many);
        collections = GC.CollectionCount(2) - collections;

        // What a request costs whatever its steps (text, decoder, picture) goes with the short one.
        var perStep = (many / 5.0 - few) / (Many - Few);
        output.WriteLine($"{perStep:F0} bytes a step, {few} bytes for a request of {Few} steps, {collections} gen-2 collections");
        Assert.True(perStep <= Budget, $"{perStep} bytes a step");
        Assert.Equal(0, collections);
    }

    private async Task<long> BytesAsync(int steps)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await model.Pipeline.GenerateAsync(new() { Prompt = "a red circle", Steps = steps, GuidanceScale = 1, Seed = 1 }, new(), null, default);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
