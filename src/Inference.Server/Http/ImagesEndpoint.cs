namespace Inference.Server;

/// <summary><c>POST /v1/images/generations</c>.</summary>
internal static class ImagesEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/images/generations", HandleAsync)
        .WithName("createImage")
        .WithSummary("Generates pictures from a prompt; with 'stream' as server-sent events.")
        .Accepts<ImageGenerationBody>("application/json")
        .Produces<ImageGenerationResponse>(200, "application/json", "image/png", "image/jpeg", "image/webp")
        .Produces<OpenAiErrorResponse>(400)
        .Produces<OpenAiErrorResponse>(404)
        .Produces<OpenAiErrorResponse>(429)
        .Produces<OpenAiErrorResponse>(500)
        .Produces<OpenAiErrorResponse>(503)
        .Produces<OpenAiErrorResponse>(504);

    private static Task HandleAsync(HttpContext context, ImageGeneration generation) =>
        generation.HandleAsync(context, StreamEventNames.Generation, () => ImageRequestReader.ReadJsonAsync(context));
}
