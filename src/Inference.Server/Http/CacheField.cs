using System.Text.Json;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>Reads the <c>cache</c> field: a policy's name, or an object with its name under <c>policy</c> and its options beside it.</summary>
internal static class CacheField
{
    private static readonly ChoiceField Field = new("cache", "policy", "policy", CachePolicies.All.Select(known => known.Id));

    /// <summary>What the request asks for; null when it asks for nothing or a problem was added.</summary>
    public static CacheRequest? Read(JsonElement? field, List<RequestProblem> problems) =>
        Field.Read(field, problems) is var (policy, options) ? new(policy, options) : null;
}
