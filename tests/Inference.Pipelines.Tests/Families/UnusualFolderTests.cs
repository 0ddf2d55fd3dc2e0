using System.Text;
using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>Folders that are in order, though not as most are.</summary>
public sealed class UnusualFolderTests : IDisposable
{
    private readonly ModelFolders _folders = new();

    [Fact]
    public async Task ScalarTimestep_WhoseGraphCannotBeEdited_StillServes_AndSaysSo()
    {
        var folder = _folders.Copy("sd15", "scalar");
        // A second reader of the timestep. Protobuf merges fields of messages that come twice, so a node can be appended to the file.
        var node = Field(1, Field(1, "timestep").Concat(Field(2, "unused")).Concat(Field(4, "Identity")));
        using (var graph = File.Open(Path.Combine(folder, "unet", "model.onnx"), FileMode.Append))
            graph.Write(Field(7, node).ToArray());

        using var scalar = DiffusionPipeline.Load(folder, _folders.Host);
        using var ordinary = DiffusionPipeline.Load(_folders.Copy("sd15", "ordinary"), _folders.Host);
        Assert.Empty(ordinary.Notes);
        Assert.Contains("one timestep a call", Assert.Single(scalar.Notes));
        var request = new GenerationRequest { Prompt = "a star", Steps = 4, Seed = 1, Count = 2, Size = new(32, 32) };
        var (expected, actual) = (await ordinary.TraceAsync(request), await scalar.TraceAsync(request));
        foreach (var (one, other) in expected.Latents.Zip(actual.Latents))
            Assert.True(new GoldenTensor([], one).RelativeError(other) <= 1e-5);
    }

    [Fact]
    public async Task StableDiffusion3_WithoutT5_HasZerosForIt()
    {
        var folder = _folders.Copy("sd3", "small");
        Directory.Delete(Path.Combine(folder, "text_encoder_3"), recursive: true);
        Directory.Delete(Path.Combine(folder, "tokenizer_3"), recursive: true);
        var path = Path.Combine(folder, "model_index.json");
        var index = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        (index["text_encoder_3"], index["tokenizer_3"]) = (new JsonArray(null, null), new JsonArray(null, null));
        File.WriteAllText(path, index.ToJsonString());

        using var whole = DiffusionPipeline.Load(_folders.Copy("sd3", "whole"), _folders.Host);
        using var small = DiffusionPipeline.Load(folder, _folders.Host);
        var request = new ConditionRequest("a star", null, 1, 5, new(32, 32));
        var expected = (await whole.Parts.Conditioner.EncodeAsync(request, default)).Conditional;
        var actual = (await small.Parts.Conditioner.EncodeAsync(request, default)).Conditional;
        // diffusers 0.35, _get_t5_prompt_embeds: zeros of tokenizer_max_length rows, which is CLIP's 77.
        var (text, zeros) = (expected.Tensors.Single(tensor => tensor.Name == "encoder_hidden_states"), actual.Tensors.Single(tensor => tensor.Name == "encoder_hidden_states"));
        var clip = 77 * text.Shape[1];
        Assert.Equal([154, text.Shape[1]], zeros.Shape.ToArray());
        Assert.Equal(Floats(text)[..clip], Floats(zeros)[..clip]);
        Assert.All(Floats(zeros)[clip..], value => Assert.Equal(0, value));
        Assert.Single((await small.GenerateAsync(new() { Prompt = "a star", Steps = 2, Size = new(32, 32) }, new(), null, default)).Images);
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    public async Task SnapshotOfTheHubsCache_WhoseFilesAreLinksToBlobs_IsLoaded(string pipeline)
    {
        var repository = Path.Combine(_folders.Root, "models--owner--name");
        var blobs = Directory.CreateDirectory(Path.Combine(repository, "blobs")).FullName;
        var snapshot = Path.Combine(repository, "snapshots", "0123abcd");
        var source = TestPipelines.Folder(pipeline);
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var (link, blob) = (Path.Combine(snapshot, Path.GetRelativePath(source, file)), Path.Combine(blobs, $"{count++:x8}"));
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.WriteAllBytes(blob, File.ReadAllBytes(file));
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, blob));
        }
        var named = Path.Combine(_folders.Root, "named");
        Directory.CreateSymbolicLink(named, snapshot);
        using var loaded = DiffusionPipeline.Load(named, _folders.Host);
        Assert.Equal("named", loaded.Name);
        Assert.Single((await loaded.GenerateAsync(new() { Prompt = "a star", Steps = 1, Size = new(32, 32) }, new(), null, default)).Images);

        // Blobs that lie elsewhere are not the repository's.
        Directory.Move(blobs, Path.Combine(_folders.Root, "elsewhere"));
        Directory.CreateSymbolicLink(blobs, Path.Combine(_folders.Root, "elsewhere"));
        Assert.Contains("leaves the model folder", Assert.Throws<ModelFolderException>(() => DiffusionPipeline.Load(named, _folders.Host)).Message);
    }

    [Fact]
    public async Task LatentConsistency_FromAPicture_SpreadsItsStepsOverTheShareThatIsLeft()
    {
        using var pipeline = DiffusionPipeline.Load(_folders.Copy("lcm", "lcm"), _folders.Host);
        var picture = new RgbImage(32, 32, [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(i * 7))]);
        var request = new GenerationRequest { Prompt = "a star", Steps = 4, Seed = 1, Size = new(32, 32), Image = picture, Strength = 0.5 };
        // diffusers, LCMScheduler.set_timesteps(strength=0.5): 25 of the 50 distilled timesteps 20 k - 1 are left, from which 0, 6, 12 and 18 are picked.
        var (from, plain) = (await pipeline.TraceAsync(request), await pipeline.TraceAsync(request with { Image = null, Strength = null }));
        Assert.Equal([499, 379, 259, 139], from.Timesteps);
        Assert.Equal([999, 759, 499, 259], plain.Timesteps);
        var error = Assert.Throws<InvalidRequestException>(() => pipeline.Check(request with { Steps = 26 }, new()));
        Assert.Contains("25 are left", error.Message);
    }

    public void Dispose() => _folders.Dispose();

    private static float[] Floats(Inference.Sampling.ConditioningTensor tensor) => tensor.Floats!;

    private static IEnumerable<byte> Field(int number, IEnumerable<byte> content) => [(byte)((number << 3) | 2), (byte)content.Count(), .. content];

    private static IEnumerable<byte> Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));
}
