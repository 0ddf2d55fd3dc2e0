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
        var label = new Option<int?>("--class-label") { Description = "Class of a class-conditional model, from 0." };
        var image = new Option<string?>("--image") { Description = "A PNG, JPEG or WebP file to start from." };
        var strength = new Option<double?>("--strength") { Description = "How much of the schedule is run on --image, above 0 up to 1; 0.8 when missing." };
        var seed = new Option<long?>("--seed") { Description = "Seed of the first picture; drawn at random when missing." };
        var count = new Option<int>("--count", "-n") { Description = "Pictures a prompt; picture i has seed + i.", DefaultValueFactory = _ => 1 };
        var model = new Option<string?>("--model") { Description = "Name of the model; see 'inference models'." };
        var json = new Option<bool>("--json") { Description = "Print a report as JSON instead of lines." };
        var arguments = new RequestArguments();
        var models = new LocalModels();

        var command = new Command("generate", "Generates pictures from prompts.") { prompts, output, label, image, strength, seed, count, model, json };
        arguments.AddTo(command);
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var asked = arguments.Read(parsed);
            using var loaded = models.Load(parsed);
            using var lease = await loaded.AcquireAsync(parsed.GetValue(model), cancellationToken);
            var pipeline = lease.Pipeline;
            var start = await StartImage.ReadAsync(parsed.GetValue(image), cancellationToken);
            var firstSeed = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue);
            var requests = Prompts(parsed.GetValue(prompts) ?? [], parsed.GetValue(label)).Select(prompt => asked with
            {
                Prompt = prompt,
                ClassLabels = parsed.GetValue(label) is { } chosen ? [chosen] : [],
                Image = start,
                Strength = parsed.GetValue(strength),
                Seed = firstSeed,
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
        // Windows that follow the load need to know what batches cost here.
        if (requests.Any(request => request.Parallel is not null))
            await pipeline.WarmUpAsync(cancellationToken);
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
                        image.Parallel,
                        TextMs = Math.Round(result.TextTime.TotalMilliseconds, 1),
                        DenoiseMs = Math.Round(image.DenoiseTime.TotalMilliseconds, 1),
                        DecodeMs = Math.Round(image.DecodeTime.TotalMilliseconds, 1),
                    });
                    if (!json)
                        Console.WriteLine($"{path}  seed {image.Seed}, {result.Settings.Sampler}, {result.Settings.Steps} steps{Describe(image.Cache)}{Describe(image.Parallel)}, {image.DenoiseTime.TotalMilliseconds:F0} ms");
                }
            }
        });
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
    }

    private static string Describe(CacheUse? cache) => cache is null ? "" : $", {cache.Policy}: {cache.FullShare:P0} of the rows in full, {cache.Bytes >> 10} KiB";

    private static string Describe(ParallelUse? use) => use is null ? "" : $", {use.Method}: {use.Iterations} iterations, {use.Rounds} rounds, {use.Evaluations} evaluations";

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
