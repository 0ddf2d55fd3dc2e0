using Inference.Sampling;

namespace Inference.Server;

/// <summary>The parallel methods of the registry.</summary>
public sealed record ParallelMethodList(string Object, IReadOnlyList<ParallelMethodEntry> Data);

/// <summary>One parallel method, as its registry entry says.</summary>
/// <param name="Id">Name in requests.</param>
/// <param name="Name">Name as written in papers.</param>
/// <param name="Aliases">Other names in requests.</param>
/// <param name="Source">Paper or code it follows.</param>
/// <param name="Group">What a group of evaluations is made of.</param>
/// <param name="ExactAtZero">Whether tolerance 0 gives the sampler's plain run.</param>
/// <param name="Stochastic">Whether the sampler may add noise.</param>
/// <param name="NeedsConsistencyModel">Whether it needs a model that comes with a consistency model.</param>
/// <param name="Samplers">Samplers it can be used with.</param>
/// <param name="Options">Its options.</param>
public sealed record ParallelMethodEntry(
    string Id, string Name, IReadOnlyList<string> Aliases, string Source, string Group, bool ExactAtZero, bool Stochastic, bool NeedsConsistencyModel, IReadOnlyList<string> Samplers,
    IReadOnlyList<SamplerOptionEntry> Options);

/// <summary><c>GET /v1/parallel-methods</c>.</summary>
internal static class ParallelMethodsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/parallel-methods", () => TypedResults.Json(List(), ServerJson.Default.ParallelMethodList))
        .WithName("listParallelMethods").WithSummary("Lists the methods that take several steps side by side.").Produces<ParallelMethodList>();

    private static ParallelMethodList List() => new("list", [.. ParallelMethods.All.Select(method => new ParallelMethodEntry(
        method.Id, method.Name, method.Aliases, method.Source, method.Group, method.IsExactAtZero, method.AllowsNoise, method.NeedsConsistencyModel, [.. method.Samplers],
        [.. method.Options.Select(SamplerOptionEntry.Of)]))]);
}
