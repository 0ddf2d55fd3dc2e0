using System.Text.Json;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>Reads the <c>parallel</c> field: a method's name, or an object with its name under <c>method</c> and its options beside it.</summary>
internal static class ParallelField
{
    private static readonly ChoiceField Field = new("parallel", "method", "method", ParallelMethods.All.Select(known => known.Id));

    /// <summary>What the request asks for; null when it asks for nothing or a problem was added.</summary>
    public static ParallelRequest? Read(JsonElement? field, List<RequestProblem> problems) =>
        Field.Read(field, problems) is var (method, options) ? new(method, options) : null;
}
