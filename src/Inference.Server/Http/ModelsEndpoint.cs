using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>A list in the shape of the OpenAI API.</summary>
public sealed record ModelList(string Object, IReadOnlyList<ModelDescription> Data);

/// <summary>
/// One model. <c>status</c> is ready, unloaded (a request loads it), loading or failed (<c>error</c> says why); what is known only of a loaded model
/// is null otherwise.
/// </summary>
public sealed record ModelDescription(
    string Id, string Object, string OwnedBy, string Status, string? Error, string? Family, IReadOnlyList<string>? Sizes, int? DefaultSteps, double? DefaultGuidanceScale,
    IReadOnlyList<string>? Samplers, bool IsDefault, long? Parameters, long? MemoryBytes, int? Classes, bool? TakesImages, ModelLimits Limits, IReadOnlyList<string> Notes,
    IReadOnlyList<CachePresetEntry>? CachePresets);

/// <summary>A cache preset at a number of steps and above, up to the next one listed.</summary>
/// <param name="Name">What requests give as <c>cache_preset</c>.</param>
/// <param name="Steps">Fewest steps it holds for.</param>
/// <param name="Policy">Its policy; none where every step is computed in full.</param>
/// <param name="TargetDb">PSNR against the plain run that it was chosen for; null for exact.</param>
/// <param name="PsnrDb">Mean PSNR that calibration measured; null where every step is computed in full.</param>
/// <param name="FullShare">Share of the network rows that are computed in full.</param>
/// <param name="Time">Time it took at calibration by that of the plain run.</param>
public sealed record CachePresetEntry(string Name, int Steps, string Policy, double? TargetDb, double? PsnrDb, double FullShare, double Time);

/// <summary>
/// Largest values that requests may ask for. <c>memory_bytes</c> is what pictures may be computed in beside the weights, <c>largest_size</c> the largest square that fits at the
/// model's guidance; null where that is not known.
/// </summary>
public sealed record ModelLimits(int MaxSteps, int MaxCount, int MaxPromptLength, double MaxGuidanceScale, long MaxPixels, long? MemoryBytes, string? LargestSize);

/// <summary>The samplers of the registry.</summary>
public sealed record SamplerList(string Object, IReadOnlyList<SamplerEntry> Data);

/// <summary>One sampler, as its registry entry says.</summary>
public sealed record SamplerEntry(string Id, string Name, IReadOnlyList<string> Aliases, string Source, int Order, int EvaluationsPerStep, bool Stochastic, bool NeedsHistory, bool ParallelWindow, IReadOnlyList<string> PredictionTypes, IReadOnlyList<SamplerOptionEntry> Options);

/// <summary><c>GET /v1/models</c> and <c>GET /v1/samplers</c>.</summary>
internal static class ModelsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (ModelHost models, GenerationLimits limits) => TypedResults.Json(List(models, limits), ServerJson.Default.ModelList))
            .WithName("listModels").WithSummary("Lists the models and what they can do.").Produces<ModelList>();
        routes.MapGet("/v1/samplers", () => TypedResults.Json(Samplers(), ServerJson.Default.SamplerList))
            .WithName("listSamplers").WithSummary("Lists the samplers.").Produces<SamplerList>();
    }

    private static ModelList List(ModelHost models, GenerationLimits limits) => models.Catalog is { } catalog
        ? new("list", [.. catalog.Entries.Select(entry => Describe(entry, entry.Name == catalog.DefaultName, limits))])
        : new("list", []);

    private static ModelDescription Describe(ModelEntry entry, bool isDefault, GenerationLimits limits)
    {
        var model = entry.Pipeline;
        var memory = model?.Memory;
        return new(
            entry.Name, "model", "local", entry.State.ToString().ToLowerInvariant(), entry.Error, model?.ClassName,
            model is null ? null : model.Sizes.Only.IsEmpty ? [model.Sizes.ToString()] : [.. model.Sizes.Only.Select(size => size.ToString())],
            model?.DefaultSteps, model?.DefaultGuidanceScale, model?.Samplers.Select(sampler => sampler.Id).ToArray(), isDefault,
            entry.Parameters > 0 ? entry.Parameters : null, entry.Bytes > 0 ? entry.Bytes : null, model?.Classes, model?.TakesPictures,
            new(limits.MaxSteps, limits.MaxCount, limits.MaxPromptLength, limits.MaxGuidanceScale, limits.MaxPixels, memory?.Available, memory?.Largest?.ToString()), model?.Notes ?? [], model is null ? null : Presets(model));
    }

    private static CachePresetEntry[] Presets(DiffusionPipeline model) =>
    [
        new(CachePreset.Exact, 1, CacheUse.NoPolicy, null, null, 1, 1),
        .. from run in model.Calibration?.Runs ?? []
           from preset in run.Presets
           select new CachePresetEntry(preset.Name, run.Steps, preset.Policy ?? CacheUse.NoPolicy, preset.TargetDecibels, preset.Psnr, preset.FullShare, preset.Work),
    ];

    private static SamplerList Samplers() => new("list", [.. SamplerRegistry.All.Select(sampler => new SamplerEntry(
        sampler.Id, sampler.Name, [.. sampler.Aliases.Select(alias => alias.Name)], sampler.Source, sampler.Order, sampler.EvaluationsPerStep,
        sampler.IsStochastic, sampler.NeedsHistory, sampler.AllowsParallelWindow, sampler.PredictionTypes, [.. sampler.Options.Select(SamplerOptionEntry.Of)]))]);
}
