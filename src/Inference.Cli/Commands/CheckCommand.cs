using System.CommandLine;
using System.Globalization;
using Inference.Onnx;

namespace Inference.Cli;

/// <summary><c>inference check gpu FOLDER</c>: everything worth knowing about a device, in one go.</summary>
internal static class CheckCommand
{
    private const double DefaultMinutes = 7;

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of check.json and check.md." };
        var model = new Option<string?>("--model") { Description = "Name of the model; the first one when missing." };
        var golden = new Option<string?>("--golden") { Description = "File of golden cases; golden.json in the model's folder when missing." };
        var minutes = new Option<double>("--minutes") { Description = "No part begins later than this.", DefaultValueFactory = _ => DefaultMinutes };
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 60))
                result.AddError("--minutes must be above 0 and at most 60.");
        });
        var quick = new Option<bool>("--quick") { Description = "Everything once, to see that it works: the figures are no measurement." };
        var models = new LocalModels(["cuda"]);
        var gpu = new Command("gpu", "Checks a GPU, or with --provider cpu the CPU: agreement, cost of evaluations, mixed load, feature caching.") { folder, model, golden, minutes, quick };
        models.AddTo(gpu);
        gpu.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var directory = models.DirectoryOf(parsed);
            var name = parsed.GetValue(model) ?? (Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Where(path => File.Exists(Path.Combine(path, "model_index.json"))).Select(Path.GetFileName).Order().FirstOrDefault() : null)
                ?? throw new CommandException($"There is no model in '{directory}'.");
            var path = Path.Combine(directory, name);
            if (!File.Exists(Path.Combine(path, "model_index.json")))
                throw new CommandException($"There is no model '{name}' in '{directory}'.");
            var cases = parsed.GetValue(golden) ?? (File.Exists(Path.Combine(path, "golden.json")) ? Path.Combine(path, "golden.json") : null);
            if (cases is not null && !File.Exists(cases))
                throw new CommandException($"The file '{cases}' does not exist.");
            var plan = parsed.GetValue(quick) ? DeviceCheckPlan.Quick : DeviceCheckPlan.Full;
            var providers = models.Resolve(parsed);
            var result = new DeviceCheckResult
            {
                Command = $"inference check gpu {string.Join(' ', parsed.Tokens.Skip(2).Select(token => token.Value))}",
                Date = TimeProvider.System.GetUtcNow(),
                Quick = plan.IsQuick,
                Model = name,
                Runtime = SessionFactory.RuntimeVersion,
                Machine = Inference.Pipelines.PipelineHost.Machine,
                Providers = providers.Names,
                Survey = models.Survey(parsed),
            };
            using var check = new DeviceCheck(
                path, providers, plan, models.ThreadsOf(parsed), cases, TimeSpan.FromMinutes(parsed.GetValue(minutes)), TimeProvider.System, part => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part} ...")));
            await check.RunAsync(result, cancellationToken);
            Console.WriteLine(await DeviceCheckReport.WriteAsync(result, parsed.GetRequiredValue(folder), cancellationToken));
        }));
        return new Command("check", "Checks what this machine can do.") { gpu };
    }
}
