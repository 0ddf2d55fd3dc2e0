using System.CommandLine;
using System.Globalization;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary><c>inference calibrate PROMPT...</c>: the ratios that MagCache needs, measured on plain runs.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var prompts = new Argument<string[]>("prompt") { Description = "Prompts to calibrate with; the ratios are means over them.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { Description = "Name of the model; see 'inference models'." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps; the model's default when missing." };
        var sampler = new Option<string?>("--sampler") { Description = "Name or alias of a sampler; the model's own when missing." };
        var guidance = new Option<double?>("--guidance-scale", "--guidance") { Description = "Classifier-free guidance scale; 1 is off." };
        var models = new LocalModels();
        var command = new Command("calibrate", "Measures the ratios that the cache policy magcache needs.") { prompts, model, steps, sampler, guidance };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            using var loaded = models.Load(parsed);
            var name = parsed.GetValue(model) ?? loaded.Catalog.DefaultName;
            using var lease = await loaded.Catalog.AcquireAsync(name, cancellationToken)
                ?? throw new CommandException($"There is no model '{name}'; there are: {string.Join(", ", loaded.Catalog.Entries.Select(entry => entry.Name))}.");
            var requests = parsed.GetRequiredValue(prompts).Select((prompt, i) => new GenerationRequest
            {
                Prompt = prompt,
                Seed = i,
                Steps = parsed.GetValue(steps),
                Sampler = parsed.GetValue(sampler),
                GuidanceScale = parsed.GetValue(guidance),
            });
            var ratios = await lease.Pipeline.CalibrateAsync([.. requests], cancellationToken);
            Console.WriteLine(string.Join(',', ratios.Select(ratio => ratio.ToString("F5", CultureInfo.InvariantCulture))));
        }));
        return command;
    }
}
