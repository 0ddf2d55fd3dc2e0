using Inference.Sampling;

namespace Inference.Server;

/// <summary>The cache policies of the registry.</summary>
public sealed record CachePolicyList(string Object, IReadOnlyList<CachePolicyEntry> Data);

/// <summary>One cache policy, as its registry entry says.</summary>
public sealed record CachePolicyEntry(string Id, string Name, IReadOnlyList<string> Aliases, string Source, IReadOnlyList<SamplerOptionEntry> Options);

/// <summary><c>GET /v1/cache-policies</c>.</summary>
internal static class CachePoliciesEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/cache-policies", () => TypedResults.Json(List(), ServerJson.Default.CachePolicyList))
        .WithName("listCachePolicies").WithSummary("Lists the feature cache policies.").Produces<CachePolicyList>();

    private static CachePolicyList List() => new("list",
        [.. CachePolicies.All.Select(policy => new CachePolicyEntry(policy.Id, policy.Name, policy.Aliases, policy.Source, [.. policy.Options.Select(SamplerOptionEntry.Of)]))]);
}
