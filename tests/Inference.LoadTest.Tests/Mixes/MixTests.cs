using System.Text;
using System.Text.Json;

namespace Inference.LoadTest.Tests;

public sealed class MixTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-mix-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Draws_FollowTheWeights_AndFillTheBody()
    {
        Write("prompts.txt", "a star\n\na key\r\n");
        var mix = Load("""
            { "requests": [
              { "name": "small", "weight": 3, "prompts_file": "prompts.txt", "size": "128x128", "steps": [4, { "value": 20, "weight": 3 }], "sampler": "euler", "guidance_scale": 2.5, "seed": "random", "priority": "low" },
              { "name": "stream", "prompt": "a tree", "stream": true, "n": 2, "seed": 7, "priority": 3, "extra": { "quality": "high" } } ] }
            """);
        var drawn = Enumerable.Range(0, 4000).Select(i => mix.Draw(i, 1)).ToArray();
        var small = drawn.Where(request => request.Kind == "small").ToArray();
        Assert.InRange(small.Length, 2850, 3150);
        Assert.All(small, request => Assert.Equal((false, 1, new PixelSize(128, 128)), (request.Stream, request.Pictures, request.Size!.Value)));
        var bodies = small.Select(request => JsonSerializer.Deserialize<JsonElement>(request.Body.Span)).ToArray();
        Assert.InRange(bodies.Count(body => body.GetProperty("num_inference_steps").GetInt32() == 20), small.Length * 0.71, small.Length * 0.79);
        Assert.InRange(bodies.Count(body => body.GetProperty("prompt").GetString() == "a key"), small.Length * 0.45, small.Length * 0.55);
        Assert.True(bodies.Select(body => body.GetProperty("seed").GetInt64()).Distinct().Count() > 0.99 * small.Length);
        Assert.Equal("low", bodies[0].GetProperty("priority").GetString());

        var stream = drawn.First(request => request.Kind == "stream");
        Assert.Equal((true, 2), (stream.Stream, stream.Pictures));
        Assert.Equal("""{"prompt":"a tree","n":2,"seed":7,"priority":3,"stream":true,"quality":"high"}""", Encoding.UTF8.GetString(stream.Body.Span));
    }

    [Fact]
    public void Draws_DependOnSeedAndPlaceAlone()
    {
        var mix = Load("""{ "requests": [{ "prompt": ["a", "b"], "seed": "random" }, { "prompt": "c" }] }""");
        var first = Enumerable.Range(0, 50).Select(i => Encoding.UTF8.GetString(mix.Draw(i, 1).Body.Span)).ToArray();
        Assert.Equal(first, Enumerable.Range(0, 50).Reverse().Select(i => Encoding.UTF8.GetString(mix.Draw(i, 1).Body.Span)).Reverse());
        Assert.NotEqual(first, Enumerable.Range(0, 50).Select(i => Encoding.UTF8.GetString(mix.Draw(i, 2).Body.Span)));
    }

    [Fact]
    public void Model_FillsWhatTheFileLeavesOpen()
    {
        var mix = Load("""{ "requests": [{ "name": "a", "prompt": "x" }, { "name": "b", "prompt": "x", "model": "own" }] }""").WithModel("given");
        var models = Enumerable.Range(0, 50).Select(i => mix.Draw(i, 1)).GroupBy(request => request.Kind).ToDictionary(group => group.Key, group => JsonSerializer.Deserialize<JsonElement>(group.First().Body.Span).GetProperty("model").GetString());
        Assert.Equal("given", models["a"]);
        Assert.Equal("own", models["b"]);
    }

    [Theory]
    [InlineData("""{ "requests": [{ "prompt": "x", "stepz": 4 }] }""", "requests[0].stepz: unknown field")]
    [InlineData("""{ "requests": [{ "prompt": "x" }], "more": 1 }""", "more: unknown field")]
    [InlineData("""{ "requests": [] }""", "must be an object with \"requests\"")]
    [InlineData("""[1]""", "must be an object with \"requests\"")]
    [InlineData("""{ "requests": [{ }] }""", "either prompt or prompts_file")]
    [InlineData("""{ "requests": [{ "prompt": "x", "size": "big" }] }""", "requests[0].size: must be WIDTHxHEIGHT")]
    [InlineData("""{ "requests": [{ "prompt": "x", "steps": [{ "value": 4, "wait": 1 }] }] }""", "steps[0].wait: unknown field")]
    [InlineData("""{ "requests": [{ "prompt": "x", "weight": 0 }] }""", "weight: must be a number above 0")]
    [InlineData("""{ "requests": [{ "prompt": "x", "seed": -1 }] }""", "seed: must be a whole number from 0")]
    [InlineData("""{ "requests": [{ "prompt": "x", "prompt": "y" }] }""", "not valid JSON")]
    [InlineData("""{ "requests": [{ "prompt": "x", "steps": [] }] }""", "must not be an empty list")]
    [InlineData("""{ "requests": [{ "prompt": "x", "extra": { "seed": 1 } }] }""", "write seed beside extra")]
    [InlineData("""{ "requests": [{ "prompts_file": "nowhere.txt" }] }""", "nowhere.txt' does not exist")]
    [InlineData("{", "not valid JSON")]
    public void Mistakes_AreNamed(string json, string problem) => Assert.Contains(problem, Assert.Throws<LoadTestException>(() => Load(json)).Message);

    [Fact]
    public void EmptyPromptsFile_IsRefused()
    {
        Write("empty.txt", "\n  \n");
        Assert.Contains("has no prompts", Assert.Throws<LoadTestException>(() => Load("""{ "requests": [{ "prompts_file": "empty.txt" }] }""")).Message);
    }

    [Fact]
    public void EveryMistake_IsNamedAtOnce() =>
        Assert.Equal(3, Assert.Throws<LoadTestException>(() => Load("""{ "requests": [{ "prompt": "", "steps": 0, "colour": 1 }] }""")).Problems.Count);

    private Mix Load(string json) => Mix.Load(Write("mix.json", json));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
