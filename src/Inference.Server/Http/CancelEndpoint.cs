namespace Inference.Server;

/// <summary><c>DELETE /v1/images/generations/{id}</c>: cancels requests by the id they were sent with or answered with (<c>x-request-id</c>).</summary>
internal static class CancelEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/v1/images/generations/{id}", Handle)
        .WithName("cancelImage")
        .WithSummary("Cancels a generation under way by its x-request-id; its work stops within one step.")
        .Produces(204)
        .Produces<OpenAiErrorResponse>(404);

    private static IResult Handle(string id, ActiveRequests requests) => requests.Cancel(id) > 0
        ? TypedResults.NoContent()
        : throw new BadRequestException(HttpError.Invalid("No generation under way has this request id.", "id", "request_not_found", StatusCodes.Status404NotFound));
}
