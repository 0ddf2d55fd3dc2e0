using System.Globalization;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>A list in the shape of the OpenAI API.</summary>
public sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

/// <summary>One model; when it could not be loaded, <c>error</c> says why and the rest is null.</summary>
public sealed record ModelEntry(
    string Id, string Object, string OwnedBy, string Status, string? Error, string? Family, IReadOnlyList<string>? Sizes, int? DefaultSteps, double? DefaultGuidanceScale, IReadOnlyList<string>? Samplers, bool IsDefault);

/// <summary>The samplers of the registry.</summary>
public sealed record SamplerList(string Object, IReadOnlyList<SamplerEntry> Data);

/// <summary>One sampler, as its registry entry says.</summary>
public sealed record SamplerEntry(string Id, string Name, IReadOnlyList<string> Aliases, string Source, int Order, int EvaluationsPerStep, bool Stochastic, bool NeedsHistory, bool ParallelWindow, IReadOnlyList<string> PredictionTypes, IReadOnlyList<SamplerOptionEntry> Options);

/// <summary>One option of a sampler; the type of the default is the type of the option. Bounds that are not finite, and such a default, are null.</summary>
public sealed record SamplerOptionEntry(string Name, string Description, JsonElement? Default, double? Minimum, double? Maximum, bool Integer, IReadOnlyList<string>? Allowed);

/// <summary><c>GET /v1/models</c> and <c>GET /v1/samplers</c>.</summary>
internal static class ModelsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (ModelHost models) => TypedResults.Json(List(models), ServerJson.Default.ModelList))
            .WithName("listModels").WithSummary("Lists the models and what they can do.").Produces<ModelList>();
        routes.MapGet("/v1/samplers", () => TypedResults.Json(Samplers(), ServerJson.Default.SamplerList))
            .WithName("listSamplers").WithSummary("Lists the samplers.").Produces<SamplerList>();
    }

    private static ModelList List(ModelHost models)
    {
        if (models.Catalog is not { } catalog)
            return new("list", []);
        var loaded = catalog.Models.Select(model => new ModelEntry(
            model.Name, "model", "local", "ready", null, model.ClassName, [.. model.Sizes.Select(size => size.ToString())], model.DefaultSteps, model.DefaultGuidanceScale, [.. model.Samplers.Select(sampler => sampler.Id)], model.Name == catalog.DefaultName));
        var failed = catalog.Failed.Select(model => new ModelEntry(model.Name, "model", "local", "failed", model.Error, null, null, null, null, null, false));
        return new("list", [.. loaded, .. failed]);
    }

    private static SamplerList Samplers() => new("list", [.. SamplerRegistry.All.Select(sampler => new SamplerEntry(
        sampler.Id, sampler.Name, [.. sampler.Aliases.Select(alias => alias.Name)], sampler.Source, sampler.Order, sampler.EvaluationsPerStep,
        sampler.IsStochastic, sampler.NeedsHistory, sampler.AllowsParallelWindow, sampler.PredictionTypes, [.. sampler.Options.Select(Describe)]))]);

    private static SamplerOptionEntry Describe(SamplerOption option) => new(
        option.Name, option.Description, Element(option.Default), Finite(option.Minimum), Finite(option.Maximum), option.IsInteger, option.Allowed.IsEmpty ? null : option.Allowed);

    private static JsonElement? Element(object value) => value switch
    {
        double number when !double.IsFinite(number) => null,
        double number => JsonElement.Parse(number.ToString("R", CultureInfo.InvariantCulture)),
        bool flag => JsonElement.Parse(flag ? "true" : "false"),
        _ => JsonElement.Parse($"\"{JsonEncodedText.Encode((string)value)}\""),
    };

    private static double? Finite(double bound) => double.IsFinite(bound) ? bound : null;
}
