using System.Diagnostics;
using System.Text.Json;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>The command line tool as a process.</summary>
public sealed class CliTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Generate_WritesAPicture_ThatInfoExplains()
    {
        var path = Path.Combine(_folder.FullName, "apple.png");
        var (code, _, errors) = await RunAsync("generate", "a red apple on a blue background", "-o", path, "--seed", "11", "--steps", "5", "--sampler", "euler");
        Assert.True(code == 0, errors);
        var picture = ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(path), new());
        Assert.Equal((128, 128), (picture.Image.Width, picture.Image.Height));

        var (infoCode, info, _) = await RunAsync("info", path);
        Assert.Equal(0, infoCode);
        Assert.Equal("a red apple on a blue background\nSteps: 5, Sampler: euler, CFG scale: 4, Seed: 11, Size: 128x128, Model: pictogram-128", info.Trim());
    }

    [Fact]
    public async Task Generate_CachesFeatures_AndSaysSo()
    {
        var path = Path.Combine(_folder.FullName, "apple.png");
        var (code, output, errors) = await RunAsync(
            "generate", "a red apple", "-o", path, "--seed", "1", "--steps", "10", "--json", "--cache", "taylorseer", "--cache-option", "interval=3", "--cache-option", "first=2");
        Assert.True(code == 0, errors);
        var cache = JsonDocument.Parse(output).RootElement[0].GetProperty("cache");
        Assert.Equal(("taylorseer", 0.5), (cache.GetProperty("policy").GetString(), cache.GetProperty("full_share").GetDouble()));

        Assert.Contains("--cache-option needs --cache", (await RunAsync("generate", "a", "--cache-option", "interval=3")).Errors);
        Assert.Contains("ratios must be numbers above 0", (await RunAsync("generate", "a", "--cache", "magcache", "--cache-option", "ratios=x")).Errors);
        Assert.Contains("must be one of exact, high, balanced, fast", (await RunAsync("generate", "a", "--cache-preset", "best")).Errors);
        Assert.Contains("--parallel-option needs --parallel", (await RunAsync("generate", "a", "--parallel-option", "window=3")).Errors);
        Assert.Contains("needs the history", (await RunAsync("generate", "a", "--parallel", "picard")).Errors);
    }

    [Fact]
    public async Task Generate_APictureThatDoesNotFit_IsRefusedBeforeItRuns()
    {
        string[] of = ["generate", "a cat", "--models", Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines"), "--model", "sd15", "--steps", "2", "-o", Path.Combine(_folder.FullName, "cat.png")];
        var (code, _, errors) = await RunAsync([.. of, "--size", "512x512", "--memory", "100000000"]);
        Assert.NotEqual(0, code);
        Assert.Contains("'size' 512x512 needs", errors);
        Assert.Matches(@"at most \d+x\d+ fits", errors);
        Assert.Equal(0, (await RunAsync([.. of, "--size", "64x64", "--memory", "100000000"])).Code);
        Assert.Contains("--memory must be at least 1048576", (await RunAsync([.. of, "--memory", "1"])).Errors);
    }

    [Fact]
    public async Task Providers_AreListed_FoundOrNot()
    {
        var (code, output, errors) = await RunAsync("providers", "--json", "--cuda-library", "/nowhere/cuda-provider.so");
        Assert.True(code == 0, errors);
        var providers = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("cpu", true), (providers[0].GetProperty("name").GetString(), providers[0].GetProperty("usable").GetBoolean()));
        Assert.Equal(("cuda", false), (providers[1].GetProperty("name").GetString(), providers[1].GetProperty("usable").GetBoolean()));
        Assert.Contains("/nowhere/cuda-provider.so", providers[1].GetProperty("error").GetString());
    }

    [Fact]
    public async Task CheckGpu_MeasuresEverything_OnTheCpuToo_AndNamesWhatIsMissing()
    {
        Assert.Contains("/nowhere/cuda-provider.so", (await RunAsync("check", "gpu", _folder.FullName, "--cuda-library", "/nowhere/cuda-provider.so")).Errors);
        var (code, _, errors) = await RunAsync("check", "gpu", _folder.FullName, "--provider", "cpu", "--quick", "--golden", Repository.PathOf("models", "pictogram-128", "golden.json"));
        Assert.True(code == 0, errors);
        var check = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "check.json"))).RootElement;
        Assert.True(check.GetProperty("quick").GetBoolean());
        var precisions = check.GetProperty("precisions").EnumerateArray().ToDictionary(entry => entry.GetProperty("precision").GetString()!);
        Assert.InRange(precisions["float32"].GetProperty("difference").GetDouble(), 0, 1e-6);
        Assert.InRange(precisions["int8"].GetProperty("psnr").GetDouble(), 30, 90);
        Assert.Contains("no kernels", precisions["bfloat16"].GetProperty("error").GetString());
        Assert.All(check.GetProperty("golden").EnumerateArray(), entry => Assert.InRange(entry.GetProperty("psnr").GetDouble(), 50, 200));
        Assert.Equal([1, 2, 4, 8], check.GetProperty("curve").EnumerateArray().Select(entry => entry.GetProperty("rows").GetInt32()));
        Assert.True(check.GetProperty("load").GetProperty("gain").GetDouble() > 0);
        Assert.Equal(["", "taylorseer", "fora"], check.GetProperty("caching").EnumerateArray().Select(entry => entry.GetProperty("policy").GetString()));
        Assert.Equal(4, check.GetProperty("parallel").GetArrayLength());
        Assert.Empty(check.GetProperty("left_out").EnumerateArray());
        Assert.Contains("no measurement", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "check.md")));
    }

    [Fact]
    public async Task Precision_IsTheUsersChoice_AndRefusedByNameWhereThereAreNoKernels()
    {
        var (single, whole) = (Path.Combine(_folder.FullName, "float32.png"), Path.Combine(_folder.FullName, "int8.png"));
        Assert.Equal(0, (await RunAsync("generate", "a red apple", "-o", single, "--seed", "3", "--steps", "8")).Code);
        Assert.Equal(0, (await RunAsync("generate", "a red apple", "-o", whole, "--seed", "3", "--steps", "8", "--precision", "int8", "--attention", "fused")).Code);
        var psnr = ImageQuality.Psnr(ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(single), new()).Image, ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(whole), new()).Image);
        Assert.InRange(psnr, 35, 90);
        Assert.Contains("precision bfloat16", (await RunAsync("generate", "a", "--precision", "bfloat16")).Errors);
        Assert.NotEqual(0, (await RunAsync("generate", "a", "--precision", "fp8")).Code);
    }

    [Fact]
    public async Task Calibrate_WritesWhatGenerateUses()
    {
        var (code, output, errors) = await RunAsync("calibrate", "pictogram-128", "--steps", "4", "--prompt", "a star", "a house", "--calibrations", _folder.FullName);
        Assert.True(code == 0, errors);
        var path = Path.Combine(_folder.FullName, "pictogram-128.json");
        Assert.EndsWith(path, output.Trim());
        using var file = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
        var run = file.RootElement.GetProperty("runs")[0];
        Assert.Equal((4, 4, 3), (run.GetProperty("steps").GetInt32(), run.GetProperty("ratios").GetArrayLength(), run.GetProperty("presets").GetArrayLength()));

        var picture = Path.Combine(_folder.FullName, "star.png");
        (code, output, errors) = await RunAsync("generate", "a star", "-o", picture, "--steps", "4", "--json", "--cache-preset", "fast", "--calibrations", _folder.FullName);
        Assert.True(code == 0, errors);
        var policy = run.GetProperty("presets")[2].GetProperty("policy");
        Assert.Equal(policy.ValueKind == JsonValueKind.Null ? "none" : policy.GetString(), JsonDocument.Parse(output).RootElement[0].GetProperty("cache").GetProperty("policy").GetString());

        Assert.Contains("--prompt must be given at least twice", (await RunAsync("calibrate", "pictogram-128", "--prompt", "a")).Errors);
        Assert.Contains("There is no model 'other'", (await RunAsync("calibrate", "other")).Errors);
    }

    [Fact]
    public async Task Models_ShowWhatANetworkIsMadeOf()
    {
        var (code, output, errors) = await RunAsync("models", "--graph", "pictogram-128");
        Assert.True(code == 0, errors);
        Assert.Contains("8 blocks, 24 branches", output);
        Assert.Contains("CrossAttention", output);
        Assert.Contains("CachedModules", output);
    }

    [Fact]
    public async Task Generate_FromAPicture_StaysNearItAtLittleStrength()
    {
        var path = Path.Combine(_folder.FullName, "apple.png");
        Assert.Equal(0, (await RunAsync("generate", "a red apple on a blue background", "-o", path, "--seed", "11", "--steps", "5")).Code);
        var start = ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(path), new()).Image;
        var distances = new List<double>();
        foreach (var strength in new[] { "0.2", "1" })
        {
            var edited = Path.Combine(_folder.FullName, $"edited-{strength}.png");
            var (code, _, errors) = await RunAsync("generate", "a blue car on white", "--image", path, "--strength", strength, "-o", edited, "--seed", "3", "--steps", "10");
            Assert.True(code == 0, errors);
            var picture = ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(edited), new()).Image;
            distances.Add(picture.Pixels.ToArray().Zip(start.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Average());
        }
        Assert.True(3 * distances[0] < distances[1], string.Join(", ", distances));
    }

    [Fact]
    public async Task Generate_SeveralPrompts_ReportsJson()
    {
        var (code, output, errors) = await RunAsync("generate", "a star", "a key", "--count", "2", "--steps", "2", "--seed", "1", "--json", "-o", _folder.FullName + "/");
        Assert.True(code == 0, errors);
        var report = JsonDocument.Parse(output).RootElement.EnumerateArray().ToArray();
        Assert.Equal(["a-star-1.png", "a-star-2.png", "a-key-1.png", "a-key-2.png"], report.Select(entry => Path.GetFileName(entry.GetProperty("file").GetString())));
        Assert.All(report, entry => Assert.True(File.Exists(entry.GetProperty("file").GetString())));
        Assert.All(report, entry => Assert.Equal(2, entry.GetProperty("evaluations").GetInt32()));
    }

    [Fact]
    public async Task Lists()
    {
        Assert.Contains("pictogram-128", (await RunAsync("models")).Output);
        var samplers = (await RunAsync("samplers")).Output;
        Assert.All(new[] { "euler", "ddim", "dpmpp-2m" }, id => Assert.Contains(id, samplers));
    }

    [Theory]
    [InlineData("generate", "a star", "--steps", "0", "'num_inference_steps' must be from 1")]
    [InlineData("generate", "a star", "--sampler", "nope", "nope")]
    [InlineData("generate", "a star", "--size", "abc", "WIDTHxHEIGHT")]
    [InlineData("generate", "a star", "--model", "other", "pictogram-128")]
    [InlineData("generate", "a star", "--output", "x.gif", ".png")]
    [InlineData("generate", "a star", "--provider", "cuda", "libonnxruntime_providers_cuda.so")]
    [InlineData("generate", "a star", "--models", "/nowhere", "/nowhere")]
    public async Task BadInput_IsOneLine_AndFails(string command, string prompt, string option, string value, string message)
    {
        var (code, _, errors) = await RunAsync(command, prompt, option, value);
        Assert.Equal(1, code);
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task Info_OfAFileWithoutParameters_Fails()
    {
        var path = Path.Combine(_folder.FullName, "x.txt");
        await File.WriteAllTextAsync(path, "no picture");
        var (code, _, errors) = await RunAsync("info", path);
        Assert.Equal(1, code);
        Assert.Contains("no generation parameters", errors);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "inference.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["COLUMNS"] = "200" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        return (process.ExitCode, await output, await errors);
    }
}
