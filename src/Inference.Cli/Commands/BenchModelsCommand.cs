using System.CommandLine;
using System.Globalization;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary><c>inference bench models</c>: load time, text encoding, one network row and decoding of every model, as a Markdown table.</summary>
internal static class BenchModelsCommand
{
    public static Command Create()
    {
        var size = new Option<string?>("--size") { Description = "WIDTHxHEIGHT for the models that make it; the others, and all without it, are measured at their default." };
        var rounds = new Option<int>("--rounds") { Description = "Calls each median is over.", DefaultValueFactory = _ => 15 };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--rounds must be 1 or more.");
        });
        var models = new LocalModels();
        var command = new Command("models", "Measures what each model costs.") { size, rounds };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var wanted = default(ImageSize?);
            if (parsed.GetValue(size) is { } text)
                wanted = ImageSize.TryParse(text, out var value) ? value : throw new CommandException($"--size must be WIDTHxHEIGHT, not '{text}'.");
            using var loaded = models.Load(parsed);
            Console.WriteLine("| model | size | load ms | text ms | text B | row ms | row B | decode ms | decode B |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
            foreach (var name in loaded.Catalog.Entries.Select(entry => entry.Name))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var cost = await PipelineBenchmark.RunAsync(Path.Combine(models.DirectoryOf(parsed), name), loaded.Host, wanted, parsed.GetValue(rounds));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {cost.Model} | {cost.Size} | {cost.LoadMs:F0} | {cost.Text.Milliseconds:F2} | {cost.Text.Bytes} | {cost.Step.Milliseconds:F2} | {cost.Step.Bytes} | {cost.Decode.Milliseconds:F2} | {cost.Decode.Bytes} |"));
            }
        }));
        return command;
    }
}
