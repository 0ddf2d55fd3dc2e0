using System.Globalization;
using System.Text.Json;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>Turns a request of the web UI into one of ours, and names our errors by its fields.</summary>
internal static class WebUiTranslation
{
    private const double DefaultStrength = 0.75;

    // Where one of our fields is another of theirs.
    private static readonly (string Ours, string Theirs)[] Fields =
    [
        ("num_inference_steps", "steps"), ("guidance_scale", "cfg_scale"), ("sampler", "sampler_name"), ("schedule", "scheduler"), ("n", "batch_size"), ("size", "width"),
        ("strength", "denoising_strength"), ("image", "init_images"), ("model", "sd_model_checkpoint"), ("output_format", "samples_format"),
    ];

    /// <summary>The request in our fields.</summary>
    /// <param name="body">The request.</param>
    /// <param name="options">Options of the server.</param>
    /// <param name="hasImage">Whether it starts from a picture.</param>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    public static ImageGenerationBody Translate(WebUiBody body, WebUiOptions options, bool hasImage)
    {
        var problems = new List<RequestProblem>();
        WebUiChecks.Check(body, problems);
        var name = SamplerOf(body);
        var (sampler, implied) = name is null ? default : WebUiNames.Find(name);
        var format = body.OverrideSettings?.SamplesFormat ?? options.SamplesFormat;
        var translated = new ImageGenerationBody
        {
            Prompt = body.Prompt,
            NegativePrompt = string.IsNullOrEmpty(body.NegativePrompt) ? null : body.NegativePrompt,
            Model = body.OverrideSettings?.SdModelCheckpoint ?? options.SdModelCheckpoint,
            N = Count(body, problems),
            Size = Size(body, problems),
            Seed = body.Seed is null or -1 ? null : body.Seed,
            NumInferenceSteps = body.Steps,
            GuidanceScale = body.CfgScale,
            // A name that nobody knows is refused where all samplers are.
            Sampler = sampler?.Id ?? name,
            Schedule = WebUiNames.ScheduleOf(body.Scheduler, problems) ?? implied,
            SamplerOptions = Options(body, sampler, problems),
            Strength = hasImage ? body.DenoisingStrength ?? DefaultStrength : null,
            OutputFormat = format == "jpg" ? "jpeg" : format,
        };
        return problems.Count == 0 ? translated : throw new InvalidRequestException(problems);
    }

    /// <summary>The sampler that a request names; null for the model's own.</summary>
    public static string? SamplerOf(WebUiBody body) =>
        !string.IsNullOrEmpty(body.SamplerName) ? body.SamplerName : !string.IsNullOrEmpty(body.SamplerIndex) ? body.SamplerIndex : null;

    /// <summary>The problems of a translated request by the names it came with.</summary>
    public static InvalidRequestException Rename(InvalidRequestException invalid) => new([.. invalid.Problems.Select(Rename)]);

    /// <inheritdoc cref="Rename(InvalidRequestException)"/>
    public static BadRequestException Rename(BadRequestException bad)
    {
        var renamed = Rename(new RequestProblem(bad.Error.Error.Param ?? "", bad.Message));
        return new(bad.Error with { Error = bad.Error.Error with { Param = renamed.Parameter.Length == 0 ? null : renamed.Parameter, Message = renamed.Message } });
    }

    private static RequestProblem Rename(RequestProblem problem)
    {
        var (name, message) = (problem.Parameter, problem.Message);
        foreach (var (ours, theirs) in Fields)
        {
            name = name == ours ? theirs : name;
            message = message.Replace($"'{ours}'", $"'{theirs}'", StringComparison.Ordinal);
        }
        return new(name, message);
    }

    private static int? Count(WebUiBody body, List<RequestProblem> problems)
    {
        if (body.BatchSize is < 1 or > 100)
            problems.Add(new("batch_size", $"'batch_size' must be from 1 to 100, not {body.BatchSize}."));
        if (body.NIter is < 1 or > 100)
            problems.Add(new("n_iter", $"'n_iter' must be from 1 to 100, not {body.NIter}."));
        return Math.Clamp(body.BatchSize ?? 1, 1, 100) * Math.Clamp(body.NIter ?? 1, 1, 100);
    }

    private static string? Size(WebUiBody body, List<RequestProblem> problems)
    {
        if (body is { Width: null, Height: null })
            return null;
        if (body is { Width: > 0 and < 100_000 and var width, Height: > 0 and < 100_000 and var height })
            return string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");
        problems.Add(new(body.Width is > 0 and < 100_000 ? "height" : "width", "'width' and 'height' must both be given, in pixels from 1 to 99999, or neither."));
        return null;
    }

    // Clients send all of these with every request. A sampler without eta has none; churn of 0 is off, and its bounds mean nothing then.
    private static Dictionary<string, JsonElement>? Options(WebUiBody body, SamplerDescriptor? sampler, List<RequestProblem> problems)
    {
        var options = new Dictionary<string, JsonElement>();
        if (body.Eta is { } eta && Has("eta"))
            Set("eta", eta);
        if (body.SChurn is not (null or 0))
        {
            if (Has("s_churn"))
            {
                Set("s_churn", body.SChurn.Value);
                Set("s_tmin", body.STmin ?? 0);
                Set("s_noise", body.SNoise ?? 1);
                // 0 is no upper bound.
                if (body.STmax is > 0)
                    Set("s_tmax", body.STmax.Value);
            }
            else
            {
                problems.Add(new("s_churn", "'s_churn' must be 0 with this sampler: it does not churn."));
            }
        }
        return options.Count == 0 ? null : options;

        bool Has(string name) => sampler?.Options.Any(option => option.Name == name) == true;

        void Set(string name, double value) => options[name] = JsonElement.Parse(value.ToString("R", CultureInfo.InvariantCulture));
    }
}
