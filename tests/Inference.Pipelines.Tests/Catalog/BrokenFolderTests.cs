using System.Text;

namespace Inference.Pipelines.Tests;

/// <summary>Folders that cannot be loaded: each is an error that names what is wrong, and the others serve.</summary>
public sealed class BrokenFolderTests : IDisposable
{
    private readonly ModelFolders _folders = new();

    public static TheoryData<string, string, string> Faults => new()
    {
        { "truncated-graph", "sd15", "truncated" },
        { "truncated-weights", "sdxl", "weights are truncated" },
        { "missing-data", "sdxl", "'model.onnx_data' does not exist" },
        { "escaping-data", "sdxl", "lies outside the model folder" },
        { "not-onnx", "sd15", "no ONNX graph" },
        { "not-json", "sd15", "expected JSON" },
        { "json-list", "sd15", "expected a JSON object" },
        { "wrong-channels", "sd15", "in_channels is 9" },
        { "wrong-width", "sd15", "last_hidden_state" },
        { "wrong-latent-channels", "sd15", "latent_channels is 16" },
        { "unknown-class", "sd15", "'KandinskyPipeline' is not supported" },
        { "unknown-scheduler", "sd15", "NoSuchScheduler" },
        { "missing-tokenizer", "sd15", "tokenizer" },
        { "link-out", "sd15", "leaves the model folder" },
        { "linked-component", "sd15", "leaves the model folder" },
        { "swapped-graph", "sd15", "expected an input named" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Folder_Broken_IsAnError_AndOthersServe(string fault, string pipeline, string expected)
    {
        Break(_folders.Copy(pipeline, "broken"), fault);
        _folders.Copy("dit", "good");
        using var catalog = ModelCatalog.Open(_folders.Root, new(), _folders.Host);
        await catalog.StartAsync(default);

        var broken = catalog.Entries.Single(entry => entry.Name == "broken");
        Assert.Equal(ModelState.Failed, broken.State);
        Assert.Contains(expected, broken.Error);
        Assert.Equal("good", catalog.DefaultName);
        using var lease = await catalog.AcquireAsync("good", default);
        Assert.NotNull(lease);
        var failure = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await catalog.AcquireAsync("broken", default));
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public async Task Folders_EmptyNestedAndMany_AreNoModels()
    {
        Directory.CreateDirectory(Path.Combine(_folders.Root, "empty"));
        var good = _folders.Copy("dit", "good");
        for (var i = 0; i < 10_000; i++)
            Directory.CreateDirectory(Path.Combine(good, "many", $"{i}"));
        // As deep as a path can name.
        var deep = Path.Combine(good, "deep");
        while (deep.Length < 3_800)
            deep = Path.Combine(deep, "a");
        Directory.CreateDirectory(deep);
        using var catalog = ModelCatalog.Open(_folders.Root, new(), _folders.Host);
        await catalog.StartAsync(default);
        Assert.Equal(["good"], catalog.Entries.Select(entry => entry.Name));
        Assert.Equal(ModelState.Ready, catalog.Entries[0].State);
    }

    [Fact]
    public void Directory_WithoutModels_IsAnError() =>
        Assert.Contains("at least one model folder", Assert.Throws<ModelFolderException>(() => ModelCatalog.Open(_folders.Root, new(), _folders.Host)).Message);

    public void Dispose() => _folders.Dispose();

    private static void Break(string folder, string fault)
    {
        var unet = Path.Combine(folder, "unet", "model.onnx");
        switch (fault)
        {
            case "truncated-graph":
                File.WriteAllBytes(unet, File.ReadAllBytes(unet)[..400_000]);
                break;
            case "truncated-weights":
                File.WriteAllBytes(unet + "_data", File.ReadAllBytes(unet + "_data")[..1000]);
                break;
            case "missing-data":
                File.Delete(unet + "_data");
                break;
            case "escaping-data":
                // Of the same length, so that the rest of the file stays valid.
                Replace(unet, "model.onnx_data", "../../etc/p.txt");
                break;
            case "not-onnx":
                File.WriteAllText(unet, "this is text");
                break;
            case "not-json":
                File.WriteAllText(Path.Combine(folder, "unet", "config.json"), "{ \"in_channels\": ");
                break;
            case "json-list":
                File.WriteAllText(Path.Combine(folder, "unet", "config.json"), "[]");
                break;
            case "wrong-channels":
                Replace(Path.Combine(folder, "unet", "config.json"), "\"in_channels\": 4", "\"in_channels\": 9");
                break;
            case "wrong-width":
                Replace(Path.Combine(folder, "text_encoder", "config.json"), "\"hidden_size\": 32", "\"hidden_size\": 48");
                break;
            case "wrong-latent-channels":
                Replace(Path.Combine(folder, "vae_decoder", "config.json"), "\"latent_channels\": 4", "\"latent_channels\": 16");
                break;
            case "unknown-class":
                Replace(Path.Combine(folder, "model_index.json"), "StableDiffusionPipeline", "KandinskyPipeline");
                break;
            case "unknown-scheduler":
                Replace(Path.Combine(folder, "scheduler", "scheduler_config.json"), "PNDMScheduler", "NoSuchScheduler");
                break;
            case "missing-tokenizer":
                Directory.Delete(Path.Combine(folder, "tokenizer"), recursive: true);
                break;
            case "link-out":
                File.Delete(Path.Combine(folder, "tokenizer", "merges.txt"));
                File.CreateSymbolicLink(Path.Combine(folder, "tokenizer", "merges.txt"), "/etc/passwd");
                break;
            case "linked-component":
                Directory.Delete(Path.Combine(folder, "unet"), recursive: true);
                Directory.CreateSymbolicLink(Path.Combine(folder, "unet"), Path.Combine(TestPipelines.Folder("sd15"), "unet"));
                break;
            case "swapped-graph":
                File.Copy(Path.Combine(folder, "vae_decoder", "model.onnx"), Path.Combine(folder, "text_encoder", "model.onnx"), overwrite: true);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "unknown");
        }
    }

    private static void Replace(string path, string old, string @new)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        Assert.Contains(old, text);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text.Replace(old, @new, StringComparison.Ordinal)));
    }
}
