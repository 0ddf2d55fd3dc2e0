using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Inference.Pipelines;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference generate PROMPT...</c>: pictures into files.</summary>
internal static class GenerateCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static Command Create()
    {
        var prompts = new Argument<string[]>("prompt") { Description = "One or more prompts; none for class-conditional models.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "File, or directory (existing or ending with /). Several pictures are numbered. Default: made from the prompt." };
        var negative = new Option<string?>("--negative-prompt") { Description = "What the picture should not show." };
        var label = new Option<int?>("--class-label") { Description = "Class of a class-conditional model, from 0." };
        var image = new Option<string?>("--image") { Description = "A PNG, JPEG or WebP file to start from." };
        var strength = new Option<double?>("--strength") { Description = "How much of the schedule is run on --image, above 0 up to 1; 0.8 when missing." };
        var size = new Option<string?>("--size") { Description = "WIDTHxHEIGHT." };
        var seed = new Option<long?>("--seed") { Description = "Seed of the first picture; drawn at random when missing." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps." };
        var sampler = new Option<string?>("--sampler") { Description = "Name or alias of a sampler; see 'inference samplers'." };
        var options = new Option<string[]>("--sampler-option") { Description = "Option of the sampler as name=value; may be repeated." };
        var schedule = new Option<string?>("--schedule") { Description = $"Sigma schedule: {string.Join(", ", SigmaRampNames.All)}." };
        var rho = new Option<double?>("--rho") { Description = "Exponent of the schedules karras, polynomial and polyexponential." };
        var spacing = new Option<string?>("--spacing") { Description = "Timestep spacing: linspace, leading, trailing." };
        var rescale = new Option<double>("--guidance-rescale") { Description = "Guidance rescale, 0 (off) to 1." };
        var noise = new Option<NoiseSource>("--noise") { Description = "Whose noise a seed stands for: torch's CPU generator or CUDA's Philox." };
        var guidance = new Option<double?>("--guidance-scale", "--guidance") { Description = "Classifier-free guidance scale; 1 is off." };
        var cache = new Option<string?>("--cache") { Description = $"Feature cache policy: {string.Join(", ", CachePolicies.All.Select(policy => policy.Id))}; see 'inference cache-policies'." };
        var cacheOptions = new Option<string[]>("--cache-option") { Description = "Option of the cache policy as name=value; may be repeated." };
        var preset = new Option<string?>("--cache-preset") { Description = $"Cache preset of a calibrated model in place of --cache: {string.Join(", ", CachePreset.Names)}." };
        var count = new Option<int>("--count", "-n") { Description = "Pictures a prompt; picture i has seed + i.", DefaultValueFactory = _ => 1 };
        var model = new Option<string?>("--model") { Description = "Name of the model; see 'inference models'." };
        var json = new Option<bool>("--json") { Description = "Print a report as JSON instead of lines." };
        var models = new LocalModels();

        var command = new Command("generate", "Generates pictures from prompts.") { prompts, output, negative, label, image, strength, size, seed, steps, sampler, options, schedule, rho, spacing, guidance, rescale, noise, cache, cacheOptions, preset, count, model, json };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var parsedSize = default(ImageSize?);
            if (parsed.GetValue(size) is { } text)
                parsedSize = ImageSize.TryParse(text, out var value) ? value : throw new CommandException($"--size must be WIDTHxHEIGHT, not '{text}'.");
            using var loaded = models.Load(parsed);
            var name = parsed.GetValue(model) ?? loaded.Catalog.DefaultName;
            using var lease = await loaded.Catalog.AcquireAsync(name, cancellationToken)
                ?? throw new CommandException($"There is no model '{name}'; there are: {string.Join(", ", loaded.Catalog.Entries.Select(entry => entry.Name))}.");
            var pipeline = lease.Pipeline;
            var start = await StartImage.ReadAsync(parsed.GetValue(image), cancellationToken);
            var firstSeed = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue);
            var requests = Prompts(parsed.GetValue(prompts) ?? [], parsed.GetValue(label)).Select(prompt => new GenerationRequest
            {
                Prompt = prompt,
                NegativePrompt = parsed.GetValue(negative),
                ClassLabels = parsed.GetValue(label) is { } chosen ? [chosen] : [],
                Image = start,
                Strength = parsed.GetValue(strength),
                Size = parsedSize,
                Seed = firstSeed,
                Steps = parsed.GetValue(steps),
                Sampler = parsed.GetValue(sampler),
                SamplerOptions = NamedOptions.Read("--sampler-option", parsed.GetValue(options)),
                Cache = NamedOptions.ReadCache(parsed.GetValue(cache), parsed.GetValue(cacheOptions)),
                CachePreset = parsed.GetValue(preset),
                Schedule = parsed.GetValue(schedule),
                Rho = parsed.GetValue(rho),
                Spacing = parsed.GetValue(spacing),
                GuidanceRescale = parsed.GetValue(rescale),
                Noise = parsed.GetValue(noise),
                GuidanceScale = parsed.GetValue(guidance),
                Count = parsed.GetValue(count),
            }).ToArray();
            await GenerateAsync(pipeline, requests, new(parsed.GetValue(output), requests), parsed.GetValue(json), cancellationToken);
        }));
        return command;
    }

    private static string[] Prompts(string[] prompts, int? label)
    {
        if (prompts.Length == 0 && label is null)
            throw new CommandException("Give a prompt, or --class-label for a class-conditional model.");
        if (prompts.Any(string.IsNullOrWhiteSpace))
            throw new CommandException("A prompt must not be empty.");
        return prompts.Length == 0 ? [""] : prompts;
    }

    private static async Task GenerateAsync(DiffusionPipeline pipeline, GenerationRequest[] requests, OutputNames names, bool json, CancellationToken cancellationToken)
    {
        var limits = new GenerationLimits();
        // All requests are checked before the first one runs.
        foreach (var request in requests)
            pipeline.Check(request, limits);
        var report = new List<object>();
        // The bar goes to standard error, so that --json can be piped.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            for (var i = 0; i < requests.Length; i++)
            {
                var task = progress.AddTask(Markup.Escape(Shorten(requests[i].Prompt)));
                var result = await pipeline.GenerateAsync(requests[i], limits, new Progress(task, requests[i].Count), cancellationToken);
                foreach (var warning in result.Warnings)
                    await Console.Error.WriteLineAsync($"warning: {warning}");
                for (var k = 0; k < result.Images.Count; k++)
                {
                    var image = result.Images[k];
                    var path = names.PathOf(i, k);
                    await File.WriteAllBytesAsync(path, ImageCodecs.Vips.Encode(image.Image, OutputNames.EncodingOf(path), image.Parameters), cancellationToken);
                    report.Add(new
                    {
                        File = path,
                        requests[i].Prompt,
                        image.Seed,
                        result.Settings.Model,
                        result.Settings.Sampler,
                        result.Settings.Steps,
                        result.Settings.GuidanceScale,
                        image.Evaluations,
                        image.Rows,
                        image.Cache,
                        TextMs = Math.Round(result.TextTime.TotalMilliseconds, 1),
                        DenoiseMs = Math.Round(image.DenoiseTime.TotalMilliseconds, 1),
                        DecodeMs = Math.Round(image.DecodeTime.TotalMilliseconds, 1),
                    });
                    if (!json)
                        Console.WriteLine($"{path}  seed {image.Seed}, {result.Settings.Sampler}, {result.Settings.Steps} steps{Describe(image.Cache)}, {image.DenoiseTime.TotalMilliseconds:F0} ms");
                }
            }
        });
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
    }

    private static string Describe(CacheUse? cache) => cache is null ? "" : $", {cache.Policy}: {cache.FullShare:P0} of the rows in full, {cache.Bytes >> 10} KiB";

    private static string Shorten(string prompt) => prompt.Length <= 50 ? prompt : prompt[..50] + "...";

    private sealed class Progress(ProgressTask task, int pictures) : IGenerationObserver
    {
        public void OnStep(in PictureStep step)
        {
            lock (task)
                task.Increment(100.0 / step.Steps / pictures);
        }

        public void OnDenoised(int image)
        {
            // The bar counts steps.
        }
    }
}
