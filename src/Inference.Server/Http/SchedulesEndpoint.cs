using Inference.Sampling;

namespace Inference.Server;

/// <summary>The sigma schedules.</summary>
public sealed record ScheduleList(string Object, IReadOnlyList<ScheduleDescriptor> Data);

/// <summary><c>GET /v1/schedules</c>.</summary>
internal static class SchedulesEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/schedules", () => TypedResults.Json(new ScheduleList("list", [.. SigmaRampNames.Schedules]), ServerJson.Default.ScheduleList))
        .WithName("listSchedules").WithSummary("Lists the sigma schedules.").Produces<ScheduleList>();
}
