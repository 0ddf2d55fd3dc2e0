using System.Text.Json;

namespace Inference.Server;

/// <summary>The presets there are.</summary>
public sealed record PresetList(string Object, IReadOnlyList<PresetEntry> Data);

/// <summary>One preset: the model it is for, the options of a request that it sets, and what was measured when it was made.</summary>
public sealed record PresetEntry(string Id, string Model, JsonElement Options, JsonElement Measured);

/// <summary><c>GET /v1/presets</c>.</summary>
internal static class PresetsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/presets", (PresetTable presets) => TypedResults.Json(List(presets), ServerJson.Default.PresetList))
        .WithName("listPresets").WithSummary("Lists the presets made by 'inference tune'.").Produces<PresetList>();

    private static PresetList List(PresetTable presets) => new("list",
        [.. presets.All.Select(preset => new PresetEntry(preset.Name, preset.Model, JsonElement.Parse(preset.Options.ToJsonString()), JsonElement.Parse(preset.Measured.ToJsonString())))]);
}
