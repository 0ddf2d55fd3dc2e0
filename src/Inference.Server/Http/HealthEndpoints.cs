namespace Inference.Server;

/// <summary><c>GET /health/live</c> and <c>/health/ready</c>: ready only after every model answered a real warm-up evaluation.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("ok")).WithName("live").WithSummary("Whether the process works.");
        routes.MapGet("/health/ready", (ModelHost models) => models.Catalog is null
                ? Results.Text("loading", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ok"))
            .WithName("ready").WithSummary("Whether requests are served.").Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }
}
