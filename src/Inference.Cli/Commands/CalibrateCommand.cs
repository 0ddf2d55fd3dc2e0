using System.CommandLine;
using System.Globalization;
using Inference.Pipelines;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference calibrate NAME</c>: what the cache policies need to know of a model, and its cache presets, measured and kept beside it.</summary>
internal static class CalibrateCommand
{
    private const int DefaultPictures = 16;
    private const int LongRun = 50;

    private static readonly string[] Subjects = ["a dog", "a red flower", "a lake in the mountains", "a cup of coffee", "a street at night", "a butterfly", "a wooden chair", "a portrait of a woman"];

    private static readonly string[] Manners = ["in soft light", "in bright colours"];

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the model; see 'inference models'." };
        var prompts = new Option<string[]>("--prompt") { Description = "Prompt to calibrate with; may be repeated, at least twice. Default: 16 of its own, or 16 classes.", AllowMultipleArgumentsPerToken = true };
        var steps = new Option<int[]>("--steps") { Description = "Numbers of steps to calibrate for; presets hold for these and more. Default: the model's own, and 50.", AllowMultipleArgumentsPerToken = true };
        var sampler = new Option<string?>("--sampler") { Description = "Name or alias of a sampler; the model's own when missing." };
        var guidance = new Option<double?>("--guidance-scale", "--guidance") { Description = "Classifier-free guidance scale; 1 is off." };
        var size = new Option<string?>("--size") { Description = "WIDTHxHEIGHT." };
        var models = new LocalModels();
        var command = new Command("calibrate", "Measures what cache policies need to know of a model and chooses its cache presets; takes minutes.") { name, prompts, steps, sampler, guidance, size };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var parsedSize = default(ImageSize?);
            if (parsed.GetValue(size) is { } text)
                parsedSize = ImageSize.TryParse(text, out var value) ? value : throw new CommandException($"--size must be WIDTHxHEIGHT, not '{text}'.");
            using var loaded = models.Load(parsed);
            using var lease = await loaded.Catalog.AcquireAsync(parsed.GetRequiredValue(name), cancellationToken)
                ?? throw new CommandException($"There is no model '{parsed.GetValue(name)}'; there are: {string.Join(", ", loaded.Catalog.Entries.Select(entry => entry.Name))}.");
            var requests = Requests(lease.Pipeline, parsed.GetValue(prompts) ?? []).Select(request => request with
            {
                Size = parsedSize,
                Sampler = parsed.GetValue(sampler),
                GuidanceScale = parsed.GetValue(guidance),
            }).ToArray();
            var counts = parsed.GetValue(steps) is { Length: > 0 } given ? given : [lease.Pipeline.DefaultSteps, LongRun];
            if (counts.Any(count => count < 2))
                throw new CommandException("--steps must be 2 or more.");
            var path = CalibrationFile.PathOf(Path.Combine(models.DirectoryOf(parsed), lease.Pipeline.Name), models.CalibrationsOf(parsed));
            CalibrationFile.CheckWritable(path);
            var calibration = await lease.Pipeline.CalibrateAsync(new() { Requests = requests, Steps = counts, Report = Console.Error.WriteLine }, cancellationToken);
            CalibrationFile.Save(calibration, path);
            Write(calibration);
            Console.WriteLine(path);
        }));
        return command;
    }

    private static IEnumerable<GenerationRequest> Requests(DiffusionPipeline pipeline, string[] prompts)
    {
        if (prompts.Length == 1)
            throw new CommandException("--prompt must be given at least twice: how far pictures differ is measured too.");
        if (pipeline.Classes > 0)
            return prompts.Length > 0
                ? throw new CommandException("--prompt cannot be used with a class-conditional model.")
                : Enumerable.Range(0, DefaultPictures).Select(i => new GenerationRequest { Prompt = "", ClassLabels = [i * pipeline.Classes / DefaultPictures] });
        string[] all = prompts.Length > 0 ? prompts : [.. Manners.SelectMany(manner => Subjects.Select(subject => $"{subject} {manner}"))];
        return all.Select(prompt => new GenerationRequest { Prompt = prompt });
    }

    private static void Write(CacheCalibration calibration)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("steps", "preset", "target dB", "policy", "options", "PSNR dB", "full", "time of the plain run");
        foreach (var run in calibration.Runs)
            foreach (var preset in run.Presets)
                table.AddRow(
                    $"{run.Steps}", preset.Name, Number(preset.TargetDecibels, "F0"), preset.Policy ?? "none", Markup.Escape(string.Join(", ", preset.Options.Select(option => $"{option.Key}={option.Value}"))),
                    preset.Psnr is { } psnr ? Number(psnr, "F1") : "-", Number(preset.FullShare, "P0"), Number(preset.Work, "P0"));
        AnsiConsole.Write(table);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
