namespace Inference.Server;

/// <summary>
/// <c>GET /health/live</c> and <c>/health/ready</c>: ready only after every model answered a real warm-up evaluation, and not while the server stops or
/// the device fails; live unless only another process can help.
/// </summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (Availability availability) => Answer(availability.NotLive))
            .WithName("live").WithSummary("Whether the process should be left to run.").Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
        routes.MapGet("/health/ready", (Availability availability) => Answer(availability.NotReady))
            .WithName("ready").WithSummary("Whether requests are served.").Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }

    private static IResult Answer(string? fault) => Results.Text(fault ?? "ok", statusCode: fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
