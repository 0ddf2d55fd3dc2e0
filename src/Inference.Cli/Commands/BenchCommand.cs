using System.CommandLine;
using System.Globalization;
using Inference.Pipelines;
using Inference.Sampling;
using Spectre.Console;

namespace Inference.Cli;

/// <summary><c>inference bench samplers</c>: quality by sampler, schedule and number of evaluations.</summary>
internal static class BenchCommand
{
    private static readonly string[] Prompts = ["a red apple on a blue background", "a hamburger on a teal background, 3d render", "a penguin in the snow", "a blue car on white"];

    public static Command Create()
    {
        var folder = new Option<string>("--output", "-o") { Description = "Folder of the report.", DefaultValueFactory = _ => "benchmarks/results" };
        var names = new Option<string[]>("--samplers") { Description = "Ids or aliases; all that fit the model when missing.", AllowMultipleArgumentsPerToken = true };
        var budgets = new Option<int[]>("--evaluations")
        {
            Description = "Numbers of evaluations.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [4, 5, 6, 8, 10, 12, 15, 20, 30, 50],
        };
        budgets.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 1000))
                result.AddError("--evaluations must be numbers from 1 to 1000.");
        });
        var models = new LocalModels();
        var samplers = new Command("samplers", "Measures every sampler against a converged reference.") { folder, names, budgets };
        models.AddTo(samplers);
        samplers.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            using var loaded = models.Load(parsed);
            using var lease = await loaded.Catalog.AcquireAsync(loaded.Catalog.DefaultName, cancellationToken);
            var pipeline = lease!.Pipeline;
            var chosen = Choose(pipeline, parsed.GetValue(names) ?? []);
            var bench = new SamplerBench(pipeline, Prompts, parsed.GetRequiredValue(budgets));
            await RunAsync(bench, chosen, parsed.GetRequiredValue(folder), $"inference bench samplers {string.Join(' ', parsed.Tokens.Skip(2).Select(token => token.Value))}".TrimEnd(), cancellationToken);
        }));
        return new Command("bench", "Measures.") { samplers, BenchModelsCommand.Create() };
    }

    private static async Task RunAsync(SamplerBench bench, IReadOnlyList<SamplerDescriptor> samplers, string folder, string command, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupLine("[grey]reference[/]");
        var reference = await bench.ReferenceAsync(cancellationToken);
        var measurements = new List<SamplerMeasurement>();
        await foreach (var entry in bench.MeasureAsync(reference, samplers, cancellationToken))
        {
            measurements.Add(entry);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Sampler,-28} {entry.Schedule,-12} {entry.Steps,4} steps {entry.Evaluations,4} evaluations  {(entry.Psnr is { } psnr ? $"{psnr:F2} dB" : "stochastic")}"));
        }
        await new SamplerBenchReport(measurements, Prompts, command).WriteAsync(folder, reference, cancellationToken);
        Console.WriteLine($"{Path.Combine(folder, "samplers.md")}");
    }

    private static List<SamplerDescriptor> Choose(DiffusionPipeline pipeline, string[] names)
    {
        var fitting = pipeline.Samplers.ToList();
        return names.Length == 0 ? fitting : [.. names.Select(name =>
            SamplerRegistry.Find(name) is { } sampler && fitting.Contains(sampler)
                ? sampler
                : throw new CommandException($"'{name}' is no sampler for model '{pipeline.Name}'; there are: {string.Join(", ", fitting.Select(known => known.Id))}."))];
    }
}
