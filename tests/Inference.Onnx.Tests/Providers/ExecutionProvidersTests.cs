namespace Inference.Onnx.Tests;

public class ExecutionProvidersTests
{
    private const string MissingLibrary = "/no/such/folder/libonnxruntime_providers_cuda.so";

    [Fact]
    public void Resolve_Cpu_HasNoWarnings()
    {
        var providers = ExecutionProviders.Resolve([new() { Name = "CPU" }]);
        Assert.Equal(["cpu"], providers.Names);
        Assert.Empty(providers.Warnings);
    }

    [Fact]
    public void Resolve_AnEmptyList_SaysWhatIsAllowed() =>
        Assert.Contains("cpu, cuda", Assert.Throws<ArgumentException>(() => ExecutionProviders.Resolve([])).Message);

    [Fact]
    public void Resolve_AnUnknownName_NamesItAndWhatIsAllowed()
    {
        var message = Assert.Throws<ArgumentException>(() => ExecutionProviders.Resolve([new() { Name = "cpu" }, new() { Name = "tpu" }])).Message;
        Assert.Contains("'tpu'", message);
        Assert.Contains("cpu, cuda", message);
    }

    [Fact]
    public void Resolve_ANameTwice_NamesIt() =>
        Assert.Contains("'cpu' is listed twice", Assert.Throws<ArgumentException>(() => ExecutionProviders.Resolve([new() { Name = "cpu" }, new() { Name = "Cpu" }])).Message);

    [Fact]
    public void Resolve_CudaWithoutItsLibrary_NamesTheLibrary()
    {
        var error = Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([Cuda]));
        Assert.Equal("cuda", error.Provider);
        Assert.Contains(MissingLibrary, error.Message);
    }

    [Fact]
    public void Resolve_CudaThenCpu_ServesOnCpuWithOneWarning()
    {
        var providers = ExecutionProviders.Resolve([Cuda, new() { Name = "cpu" }]);
        Assert.Equal(["cpu"], providers.Names);
        Assert.Contains(MissingLibrary, Assert.Single(providers.Warnings));
    }

    [Fact]
    public void Resolve_AFileThatIsNoLibrary_IsAnErrorThatNamesIt()
    {
        var path = typeof(ExecutionProvidersTests).Assembly.Location;
        var error = Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([new() { Name = "cuda", LibraryPath = path }]));
        Assert.Contains(path, error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Resolve_AnotherCpu_IsAnError(int index) =>
        Assert.Contains($"device index {index}", Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([new() { Name = "cpu", DeviceIndex = index }])).Message);

    [Fact]
    public void Resolve_CpuWithOptions_IsAnError()
    {
        Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([new() { Name = "cpu", LibraryPath = "x" }]));
        Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([new() { Name = "cpu", Options = new Dictionary<string, string> { ["arena"] = "0" } }]));
    }

    private static ProviderOptions Cuda => new() { Name = "cuda", LibraryPath = MissingLibrary };
}
