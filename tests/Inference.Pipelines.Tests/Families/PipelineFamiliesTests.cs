using Inference.Onnx;

namespace Inference.Pipelines.Tests;

public sealed class PipelineFamiliesTests : IDisposable
{
    private readonly ModelCopy _models = new();

    public static TheoryData<string, string, string> Contradictions => new()
    {
        { "transformer/config.json", "[]", "expected a JSON object" },
        { "transformer/config.json", """{"sample_size":"16"}""", "expected \"sample_size\" to be a whole number" },
        { "transformer/config.json", """{"sample_size":16}""", "expected \"in_channels\"" },
        { "vae_decoder/config.json", "{}", "expected \"block_out_channels\" to be an array" },
        { "vae_decoder/config.json", """{"block_out_channels":[],"scaling_factor":1}""", "1 to 8 entries" },
        { "vae_decoder/config.json", """{"spatial_factor":8}""", "expected \"scaling_factor\" to be a number" },
        { "text_encoder/config.json", """{"max_position_embeddings":8,"hidden_size":256}""", "max_position_embeddings is 8, but the tokenizer's model_max_length is 40" },
        { "scheduler/scheduler_config.json", "{}", "_class_name" },
        { "scheduler/scheduler_config.json", """{"_class_name":"NoSuchScheduler"}""", "'NoSuchScheduler' is not supported" },
        { "scheduler/scheduler_config.json", "{", "not valid JSON" },
    };

    [Theory]
    [InlineData("""{"_class_name":"NoSuchPipeline"}""", "'NoSuchPipeline' is not supported; supported are: ")]
    [InlineData("""{"_class_name":7}""", "expected \"_class_name\" to be a string")]
    [InlineData("{}", "expected \"_class_name\" to be a string")]
    [InlineData("[]", "expected a JSON object")]
    public void Of_AnotherIndex_NamesFileAndExpectation(string index, string message)
    {
        var path = _models.Write("model/model_index.json", index);
        var error = Assert.Throws<ModelFolderException>(() => PipelineFamilies.Of(new(Path.GetDirectoryName(path)!)));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Of_AFolderWithoutIndex_NamesTheFile()
    {
        var path = _models.Write("model/readme.md", "");
        Assert.Contains("model_index.json: expected this file", Assert.Throws<ModelFolderException>(() => PipelineFamilies.Of(new(Path.GetDirectoryName(path)!))).Message);
    }

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Load_AFileThatDoesNotFit_NamesItAndWhatWasExpected(string file, string content, string message)
    {
        var folder = _models.Copy("model");
        // The scheduler is read after the transformer, which any graph with these inputs can stand for.
        var path = _models.Write(Path.Combine("model", file), content);
        if (file.StartsWith("scheduler", StringComparison.Ordinal))
            File.Copy(Path.Combine(EmbeddedModel.Folder, "transformer", "model.onnx"), Path.Combine(folder, "transformer", "model.onnx"));
        var error = Assert.Throws<ModelFolderException>(() => DiffusionPipeline.Load(folder, _models.Host));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Load_WithoutTheTransformer_NamesItsFile()
    {
        var folder = _models.Copy("model");
        Assert.Equal(Path.Combine(folder, "transformer", "model.onnx"), Assert.Throws<ModelFolderException>(() => DiffusionPipeline.Load(folder, _models.Host)).Path);
    }

    [Fact]
    public void Load_AGraphThatIsNone_NamesItsFile()
    {
        var folder = _models.Copy("model");
        var path = _models.Write("model/vae_decoder/model.onnx", "no graph");
        Assert.Equal(path, Assert.Throws<GraphException>(() => DiffusionPipeline.Load(folder, _models.Host)).Path);
    }

    [Fact]
    public void Load_TheGraphOfAnotherComponent_SaysWhatItExpected()
    {
        var folder = _models.Copy("model");
        File.Copy(Path.Combine(folder, "text_encoder", "model.onnx"), Path.Combine(folder, "vae_decoder", "model.onnx"), overwrite: true);
        Assert.Contains("expected an input named 'latent_sample'", Assert.Throws<GraphException>(() => DiffusionPipeline.Load(folder, _models.Host)).Message);
    }

    public void Dispose() => _models.Dispose();
}
