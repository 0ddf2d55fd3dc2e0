namespace Inference.Onnx.Tests;

public sealed class CudaLibrariesTests : IDisposable
{
    private const string There = "libonnxruntime_providers_shared.so";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-cuda-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Libraries_ThatAreMissing_AreNamedTogether()
    {
        var missing = CudaLibraries.Load([new("libnone.so.1", "part one"), new("libalso-none.so.2", "part two")], []);
        Assert.Equal(["libnone.so.1 (part one)", "libalso-none.so.2 (part two)"], missing);
    }

    [Fact]
    public void AConfiguredFolder_IsLookedInFirst()
    {
        Assert.Equal([$"{There} (part)"], CudaLibraries.Load([new(There, "part")], [_folder.FullName]));
        File.Copy(Path.Combine(AppContext.BaseDirectory, There), Path.Combine(_folder.FullName, There));
        Assert.Empty(CudaLibraries.Load([new(There, "part")], ["/nowhere", _folder.FullName]));
    }

    [Fact]
    public void AFileThatIsNoLibrary_IsSaidSo()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "libbroken.so.3"), "no library");
        var missing = Assert.Single(CudaLibraries.Load([new("libbroken.so.3", "part")], [_folder.FullName]));
        Assert.Contains("libbroken.so.3 (part; ", missing);
        Assert.Contains(_folder.FullName, missing);
    }

    [Fact]
    public void Cuda_WithoutItsLibraries_NamesThem()
    {
        // The provider's own file is there; what it needs is not, on a machine without CUDA.
        var plugin = Path.Combine(_folder.FullName, "libonnxruntime_providers_cuda.so");
        File.Copy(Path.Combine(AppContext.BaseDirectory, There), plugin);
        var options = new ProviderOptions { Name = "cuda", LibraryPath = plugin, LibraryFolders = [_folder.FullName] };
        if (CudaLibraries.Load(CudaLibraries.Needed, []) is not { Count: > 0 } missing)
            return;
        var error = Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([options]));
        Assert.All(missing, library => Assert.Contains(library, error.Message));
        Assert.Contains("LibraryFolders", error.Message);
        Assert.Contains(_folder.FullName, error.Message);
    }

    [Fact]
    public void AFolderThatDoesNotExist_IsAnError() =>
        Assert.Contains("'/nowhere/at/all', which does not exist", Assert.Throws<ProviderUnavailableException>(() => ExecutionProviders.Resolve([new() { Name = "cuda", LibraryFolders = ["/nowhere/at/all"] }])).Message);

    [Fact]
    public void SessionOptions_AreOurs_UnlessTheConfigurationSaysOtherwise()
    {
        var options = CudaProvider.OptionsOf(new() { Name = "cuda", Options = new Dictionary<string, string> { ["use_tf32"] = "1", ["gpu_mem_limit"] = "1000" } });
        Assert.Equal(("1", "1000", "HEURISTIC", "kSameAsRequested"), (options["use_tf32"], options["gpu_mem_limit"], options["cudnn_conv_algo_search"], options["arena_extend_strategy"]));
    }

    [Fact]
    public void Survey_ListsEveryProvider_AndWhyNot()
    {
        var reports = ExecutionProviders.Survey([new() { Name = "cuda", LibraryPath = "/nowhere/libcuda-provider.so" }]);
        Assert.Equal(["cpu", "cuda"], reports.Select(report => report.Name));
        Assert.Null(reports[0].Error);
        Assert.Contains(Precision.Int8, reports[0].Precisions);
        Assert.DoesNotContain(Precision.BFloat16, reports[0].Precisions);
        Assert.Contains("/nowhere/libcuda-provider.so", reports[1].Error);
        Assert.Contains("-p:Cuda=true", reports[1].Error);
    }
}
