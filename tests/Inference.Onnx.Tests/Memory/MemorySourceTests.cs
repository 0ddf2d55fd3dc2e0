namespace Inference.Onnx.Tests;

public sealed class MemorySourceTests
{
    [Fact]
    public void Fixed_IsForWeightsAndWork()
    {
        var source = MemorySources.Fixed(1000);
        Assert.Equal(700, source.Available(new(300, 500)));
        Assert.Equal(0, source.Available(new(1300, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorySources.Fixed(0));
    }

    [Fact]
    public void Host_IsWhatTheMachineHas_LessWhatTheProcessHoldsOtherwise()
    {
        var source = MemorySources.Of(ExecutionProviders.Resolve([new() { Name = "cpu" }]));
        var nothing = source.Available(new(0, 0))!.Value;
        Assert.InRange(nothing, 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - 1);
        // What arenas hold is theirs to use again.
        Assert.InRange(source.Available(new(0, Environment.WorkingSet / 2))!.Value, nothing + 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    [Theory]
    [InlineData("20000000000", 20_000_000_000)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("much", null)]
    public void Cuda_ReadsTheBoundOfTheProvidersOptions(string text, long? expected) =>
        Assert.Equal(expected, CudaMemory.LimitOf(new() { Name = "cuda", Options = new Dictionary<string, string> { ["gpu_mem_limit"] = text } }));

    [Fact]
    public void Cuda_WithoutItsLibraries_KnowsTheBoundAlone()
    {
        Assert.Equal(700, new CudaMemory(new() { Name = "cuda", Options = new Dictionary<string, string> { ["gpu_mem_limit"] = "1000" } }).Available(new(300, 0)));
        Assert.Null(new CudaMemory(new() { Name = "cuda" }).Available(new(300, 0)));
    }
}
