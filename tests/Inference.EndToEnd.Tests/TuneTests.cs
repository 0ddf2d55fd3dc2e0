using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>A preset is searched for, and served.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task APresetIsFound_AndTheServerLoadsIt()
    {
        _folder.Write("prompts.txt", "a red apple\na cat\na penguin in the snow\na house\n");
        var (code, output, errors) = await RunAsync(
            "tune", "--target-psnr", "20", "--name", "quick", "--prompts", _folder.PathOf("prompts.txt"), "--samplers", "unipc", "dpm-2m", "--cache-policies", "fora", "--max-evaluations", "10", "-o", _folder.PathOf("presets"));
        Assert.True(code == 0, $"{output}\n{errors}");
        var text = await File.ReadAllTextAsync(_folder.PathOf(Path.Combine("presets", "quick.json")));
        var measured = JsonElement.Parse(text).GetProperty("measured");
        Assert.InRange(measured.GetProperty("psnr_db").GetDouble(), 20, 60);
        Assert.InRange(measured.GetProperty("cost_in_evaluations").GetDouble(), 1, 10);
        var page = await File.ReadAllTextAsync(_folder.PathOf(Path.Combine("presets", "quick", "report.html")));
        Assert.Contains("Pareto front", page);
        Assert.Contains("<svg", page);
        Assert.DoesNotContain("NaN", page);

        var moved = JsonNode.Parse(text)!;
        (moved["name"], moved["fingerprint"]) = ("moved", "0123");
        _folder.Write(Path.Combine("presets", "moved.json"), moved.ToJsonString());
        _folder.Write(Path.Combine("presets", "wrong.json"), """{ "name": "wrong", "sampler": 3 }""");
        (moved["name"], moved["options"]) = ("odd", new JsonObject { ["prompt"] = "x" });
        _folder.Write(Path.Combine("presets", "odd.json"), moved.ToJsonString());
        await using var server = new Running(ServerProcess.With($"--Inference:Presets:Directory={_folder.PathOf("presets")}", $"--Inference:Experiments:File={_folder.PathOf("experiments.db")}"));
        await server.Process.InitializeAsync();
        var presets = await server.Process.Client.GetFromJsonAsync<JsonElement>("/v1/presets");
        Assert.Equal(["moved", "quick"], presets.GetProperty("data").EnumerateArray().Select(preset => preset.GetProperty("id").GetString()));
        Assert.Contains("wrong.json", server.Process.Output);
        Assert.Contains("odd.json", server.Process.Output);

        var options = JsonElement.Parse(text).GetProperty("options");
        var picture = await PostAsync(server.Process.Client, new { prompt = "a red apple", seed = 1, preset = "quick" }, HttpStatusCode.OK);
        Assert.Equal((int)measured.GetProperty("evaluations").GetDouble(), picture.GetProperty("inference").GetProperty("evaluations").GetInt32());
        Assert.Equal(options.GetProperty("sampler").GetString(), picture.GetProperty("inference").GetProperty("sampler").GetString());
        // The same as saying it all; files carry the request too, which is another.
        var said = JsonNode.Parse(options.GetRawText())!.AsObject();
        (said["prompt"], said["seed"]) = ("a red apple", 1);
        Assert.Equal(Pixels(await PostAsync(server.Process.Client, said, HttpStatusCode.OK)), Pixels(picture));
        Assert.Equal("preset", await RefusedAsync(server.Process.Client, new { prompt = "a", preset = "none" }));
        Assert.Equal("preset", await RefusedAsync(server.Process.Client, new { prompt = "a", preset = "moved" }));
        Assert.Equal("sampler", await RefusedAsync(server.Process.Client, new { prompt = "a", preset = "quick", sampler = "euler" }));

        using var made = await server.Process.Client.PostAsJsonAsync("/v1/experiments", new { name = "x", arms = new object[] { new { name = "own" }, new { name = "quick", options = new { preset = "quick" } } } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var refused = await server.Process.Client.PostAsJsonAsync("/v1/experiments", new { name = "x", arms = new object[] { new { name = "own" }, new { name = "quick", options = new { preset = "none" } } } });
        Assert.Equal("arms[1].options.preset", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("--target-psnr must be above 0", "--target-psnr", "-3")]
    [InlineData("--samplers: 'nosuch' is unknown", "--target-psnr", "30", "--samplers", "nosuch")]
    [InlineData("at least four prompts", "--target-psnr", "30", "--prompts", "two.txt")]
    [InlineData("'nowhere.txt' does not exist", "--target-psnr", "30", "--prompts", "nowhere.txt")]
    [InlineData("--name must have", "--target-psnr", "30", "--name", "a b")]
    [InlineData("--reference", "--target-psnr", "30", "--reference", "--stepz 3")]
    [InlineData("--max-evaluations must be", "--target-psnr", "30", "--max-evaluations", "3")]
    public async Task WrongArguments_AreNamed(string message, params string[] arguments)
    {
        _folder.Write("two.txt", "a\nb\n");
        var (code, _, errors) = await RunAsync(["tune", .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, object body, HttpStatusCode status)
    {
        using var response = await client.PostAsJsonAsync("/v1/images/generations", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, text);
        return JsonElement.Parse(text);
    }

    private static byte[] Pixels(JsonElement response) => ImageCodecs.Vips.Decode(response.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64(), new()).Image.Pixels;

    private static async Task<string?> RefusedAsync(HttpClient client, object body) =>
        (await PostAsync(client, body, HttpStatusCode.BadRequest)).GetProperty("error").GetProperty("param").GetString();

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "inference.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Root })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token);
        return (process.ExitCode, await output, await errors);
    }

    private sealed record Running(ServerProcess Process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Process.DisposeAsync();
    }
}
