using System.CommandLine;
using System.Globalization;

namespace Inference.Cli;

/// <summary><c>inference compare</c>: settings side by side on the same prompts and seeds.</summary>
internal static class CompareCommand
{
    private const int MostArms = 16;

    public static Command Create()
    {
        var prompts = new Option<string>("--prompts") { Description = "File of prompts, one a line.", Required = true };
        var arms = new Option<string[]>("--arm") { Description = "A setting as 'NAME: OPTIONS' with the options of 'inference generate'; given once for each.", Required = true, AllowMultipleArgumentsPerToken = false };
        var reference = new Option<string?>("--reference") { Description = "Name of the arm that the others are compared with; the first when missing." };
        var seeds = new Option<string>("--seeds") { Description = "Seeds as numbers and ranges: 0,5,10..13.", DefaultValueFactory = _ => "0" };
        var folder = new Option<string>("--output", "-o") { Description = "Folder of the report.", DefaultValueFactory = _ => "comparison" };
        var model = new Option<string?>("--model") { Description = "Name of the model; see 'inference models'." };
        var models = new LocalModels();
        var command = new Command("compare", "Compares settings on the same prompts and seeds: a page with pictures side by side, quality against time, and a table.") { prompts, arms, reference, seeds, folder, model };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            ArmArgument[] chosen = [.. parsed.GetRequiredValue(arms).Select(ArmArgument.Read)];
            if (chosen.Length is < 2 or > MostArms)
                throw new CommandException($"Give 2 to {MostArms} arms, not {chosen.Length}.");
            if (chosen.GroupBy(arm => arm.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new CommandException($"Two arms are called '{twice.Key}'.");
            var first = parsed.GetValue(reference) is { } name ? Array.FindIndex(chosen, arm => arm.Name == name) : 0;
            if (first < 0)
                throw new CommandException($"--reference must be the name of an arm: {string.Join(", ", chosen.Select(arm => arm.Name))}.");
            var texts = await PromptFile.ReadAsync(parsed.GetRequiredValue(prompts), cancellationToken);
            var numbers = Seeds(parsed.GetRequiredValue(seeds));
            using var loaded = models.Load(parsed);
            using var lease = await loaded.AcquireAsync(parsed.GetValue(model), cancellationToken);
            var comparison = new Comparison(lease.Pipeline, texts, numbers, chosen, first, TimeProvider.System);
            comparison.Check();
            var pictures = new List<ComparedPicture>();
            await foreach (var picture in comparison.RunAsync(cancellationToken))
            {
                pictures.Add(picture);
                if (picture.Arm == chosen.Length - 1)
                    Console.WriteLine($"{pictures.Count / chosen.Length} of {texts.Count * numbers.Count}: {texts[picture.Prompt]}, seed {picture.Seed}");
            }
            var report = new ComparisonReport(texts, chosen, first, lease.Pipeline.Name, $"inference {string.Join(' ', parsed.Tokens.Select(token => token.Value.Contains(' ') ? $"\"{token.Value}\"" : token.Value))}", pictures);
            Console.WriteLine(await report.WriteAsync(parsed.GetRequiredValue(folder), cancellationToken));
            foreach (var row in report.Table().Rows.Prepend(report.Table().Columns))
                Console.WriteLine(string.Join(" | ", row));
        }));
        return command;
    }

    /// <summary>Numbers and ranges, separated by commas.</summary>
    /// <exception cref="CommandException">It is not of that form.</exception>
    internal static IReadOnlyList<long> Seeds(string text)
    {
        var seeds = new List<long>();
        foreach (var part in text.Split(','))
            if (part.Split("..") is [var from, var to] && Read(from) is { } first && Read(to) is { } last && last >= first && last - first < 1000)
                seeds.AddRange(Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + i));
            else if (Read(part) is { } seed)
                seeds.Add(seed);
            else
                throw new CommandException($"--seeds must be numbers from 0 and ranges of at most 1000, such as 0,5,10..13; not '{text}'.");
        return seeds.Distinct().Count() == seeds.Count ? seeds : throw new CommandException("--seeds has a seed twice.");

        static long? Read(string number) => long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
