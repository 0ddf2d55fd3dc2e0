using System.CommandLine;
using System.Globalization;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary><c>inference tune</c>: the cheapest setting of a quality on this model and machine, as a preset for the server.</summary>
internal static class TuneCommand
{
    private const string Reference = "--sampler dpmpp-3m --schedule exponential --steps 100";
    private const int SpeedPairs = 9;

    private static readonly TuneSetting Usual = new("dpmpp-2m", null, 20);

    public static Command Create()
    {
        var target = new Option<double>("--target-psnr") { Description = "PSNR to the reference that a picture must have on average, in dB.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the preset; made from the target when missing." };
        var prompts = new Option<string?>("--prompts") { Description = "File of prompts, one a line, at least four; every second one is held out." };
        var reference = new Option<string>("--reference") { Description = "What pictures are compared with, as options of 'inference generate'.", DefaultValueFactory = _ => Reference };
        var most = new Option<int>("--max-evaluations") { Description = "Most evaluations a picture that are tried.", DefaultValueFactory = _ => 50 };
        var seed = new Option<long>("--seed") { Description = "Seed of the search's choices.", DefaultValueFactory = _ => 1 };
        var samplers = new Option<string[]>("--samplers") { Description = "Ids or aliases of the samplers that are tried; all that fit the model when missing.", AllowMultipleArgumentsPerToken = true };
        var caches = new Option<string[]>("--cache-policies") { Description = "Cache policies that are tried; all that need no calibration when missing.", AllowMultipleArgumentsPerToken = true };
        var control = new Option<bool>("--control") { Description = "Also score every sampler and schedule at the chosen number of evaluations on the prompts held out." };
        var folder = new Option<string>("--output", "-o") { Description = "Folder of the preset and the report.", DefaultValueFactory = _ => "presets" };
        var model = new Option<string?>("--model") { Description = "Name of the model; see 'inference models'." };
        var models = new LocalModels();
        var command = new Command("tune", "Finds the cheapest setting that comes within a PSNR of the reference on this model and machine, and writes it as a preset that the server loads.")
        {
            target, name, prompts, reference, most, samplers, caches, seed, control, folder, model,
        };
        models.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(async () =>
        {
            var decibels = parsed.GetValue(target);
            if (!(decibels is > 0 and < 90))
                throw new CommandException("--target-psnr must be above 0 and below 90.");
            if (parsed.GetValue(most) is < 4 or > 100)
                throw new CommandException("--max-evaluations must be from 4 to 100.");
            var preset = parsed.GetValue(name) ?? string.Create(CultureInfo.InvariantCulture, $"tuned-{decibels:0.#}db");
            if (!TunedPreset.IsName(preset))
                throw new CommandException("--name must have from 1 to 64 letters, digits, '.', '_' and '-'.");
            var texts = parsed.GetValue(prompts) is { } file ? await PromptFile.ReadAsync(file, cancellationToken) : TunePrompts.Default;
            if (texts.Count < 4)
                throw new CommandException("--prompts must have at least four prompts: two to search with, two to hold out.");
            var expected = ArmArgument.ReadOptions(parsed.GetRequiredValue(reference), "--reference");
            var candidates = new TuneCandidates(
                Ids("--samplers", parsed.GetValue(samplers), SamplerRegistry.Find, sampler => sampler.Id), Ids("--cache-policies", parsed.GetValue(caches), CachePolicies.Find, policy => policy.Id));
            using var loaded = models.Load(parsed);
            using var lease = await loaded.AcquireAsync(parsed.GetValue(model), cancellationToken);
            var outcome = await SearchAsync(lease.Pipeline, candidates, expected, texts, new(decibels, (texts.Count + 1) / 2, parsed.GetValue(most), parsed.GetValue(seed)), parsed.GetValue(control), cancellationToken);
            var output = parsed.GetRequiredValue(folder);
            Directory.CreateDirectory(output);
            var path = Path.Combine(output, preset + ".json");
            await PresetOf(preset, lease.Pipeline, outcome).WriteAsync(path, cancellationToken);
            Directory.CreateDirectory(Path.Combine(output, preset));
            await TuneReport.WriteAsync(Path.Combine(output, preset), lease.Pipeline.Name, $"inference {string.Join(' ', parsed.Tokens.Select(token => token.Value.Contains(' ') ? $"\"{token.Value}\"" : token.Value))}", outcome, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{outcome.Best.Setting.Key}: {outcome.Best.Cost:0.##} evaluations, {outcome.Best.Score.Psnr:0.0} dB, {outcome.HeldOut:0.0} dB on prompts held out; {outcome.Speed:0.00} times as fast as 20 steps of DPM-Solver++(2M), which has {outcome.Baseline:0.0} dB"));
            foreach (var better in outcome.Control.Where(entry => entry.Psnr > outcome.HeldOut))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"better on the prompts held out: {better.Setting.Key}, {better.Psnr:0.0} dB"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"search: {outcome.Spent} evaluations, {outcome.Elapsed.TotalSeconds:0} s"));
            Console.WriteLine(path);
        }));
        return command;
    }

    private static string[]? Ids<T>(string flag, string[]? names, Func<string, T?> find, Func<T, string> id)
        where T : class => names is not { Length: > 0 } ? null
            : [.. names.Select(name => find(name) is { } known ? id(known) : throw new CommandException($"{flag}: '{name}' is unknown; see 'inference samplers' and 'inference cache-policies'."))];

    private static async Task<TuneOutcome> SearchAsync(
        DiffusionPipeline pipeline, TuneCandidates candidates, GenerationRequest reference, IReadOnlyList<string> prompts, TuneGoal goal, bool withControl, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var bench = new TuneBench(pipeline, reference, [.. prompts.Where((_, i) => i % 2 == 0)]);
        var tuner = new Tuner(bench, candidates, goal, Console.WriteLine);
        await tuner.RunAsync(cancellationToken);
        var elapsed = time.GetElapsedTime(started);
        if (tuner.Best is not { } best)
            throw new CommandException($"no setting of up to {goal.MaxEvaluations} evaluations reaches {goal.Target.ToString(CultureInfo.InvariantCulture)} dB; raise --max-evaluations or lower --target-psnr.");
        var unseen = new TuneBench(pipeline, reference, [.. prompts.Where((_, i) => i % 2 == 1)]);
        var heldOut = await ScoreAsync(best.Setting);
        var control = new List<(TuneSetting Setting, double Psnr)>();
        if (withControl)
            foreach (var setting in candidates.At((int)Math.Ceiling(best.Cost), unseen))
                if (await unseen.ScoreAsync(setting, unseen.Prompts.Count, cancellationToken) is { } score)
                    control.Add((setting, score.Psnr));
        return new(goal, tuner.Points, best, heldOut, await ScoreAsync(Usual), await SpeedAsync(pipeline, best.Setting, prompts[0], cancellationToken), [.. control.OrderByDescending(entry => entry.Psnr)], bench.Spent, elapsed);

        async Task<double> ScoreAsync(TuneSetting setting) => (await unseen.ScoreAsync(setting, unseen.Prompts.Count, cancellationToken))?.Psnr ?? double.NaN;
    }

    // Both in turn, so that what else the machine does meets both.
    private static async Task<double> SpeedAsync(DiffusionPipeline pipeline, TuneSetting setting, string prompt, CancellationToken cancellationToken)
    {
        var ratios = new List<double>();
        for (var pair = 0; pair < SpeedPairs; pair++)
            ratios.Add(await TimeAsync(Usual) / await TimeAsync(setting));
        return ratios.Order().ElementAt(SpeedPairs / 2);

        async Task<double> TimeAsync(TuneSetting timed) => (await pipeline.GenerateAsync(timed.Request(prompt, 0), new(), null, cancellationToken)).Images[0].DenoiseTime.TotalMilliseconds;
    }

    private static TunedPreset PresetOf(string name, DiffusionPipeline pipeline, TuneOutcome outcome) => new()
    {
        Name = name,
        Model = pipeline.Name,
        Fingerprint = pipeline.Fingerprint,
        Options = TunedPreset.OptionsOf(outcome.Best.Setting.Request("", 0)),
        Measured = new()
        {
            ["target_db"] = outcome.Goal.Target,
            ["psnr_db"] = Math.Round(outcome.Best.Score.Psnr, 2),
            ["held_out_psnr_db"] = Math.Round(outcome.HeldOut, 2),
            ["evaluations"] = outcome.Best.Score.Evaluations,
            ["cost_in_evaluations"] = Math.Round(outcome.Best.Cost, 2),
            ["speed_to_dpmpp_2m_20"] = Math.Round(outcome.Speed, 2),
            ["dpmpp_2m_20_psnr_db"] = Math.Round(outcome.Baseline, 2),
        },
    };
}
