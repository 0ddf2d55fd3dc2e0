namespace Inference.Server;

/// <summary><c>POST /v1/images/edits</c>: image-to-image, with OpenAI's multipart fields and ours.</summary>
internal static class ImageEditsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/images/edits", HandleAsync)
        .WithName("createImageEdit")
        .WithSummary("Generates pictures from a picture and a prompt: file 'image', and the fields of /v1/images/generations; 'strength' says how much is new.")
        .Accepts<IFormFile>("multipart/form-data")
        .Produces<ImageGenerationResponse>(200, "application/json", "image/png", "image/jpeg", "image/webp")
        .Produces<OpenAiErrorResponse>(400)
        .Produces<OpenAiErrorResponse>(404)
        .Produces<OpenAiErrorResponse>(413)
        .Produces<OpenAiErrorResponse>(429)
        .Produces<OpenAiErrorResponse>(500)
        .Produces<OpenAiErrorResponse>(503)
        .Produces<OpenAiErrorResponse>(504)
        .DisableAntiforgery();

    private static Task HandleAsync(HttpContext context, ImageGeneration generation, ImageRequestReader reader) =>
        generation.HandleAsync(context, StreamEventNames.Edit, () => reader.ReadFormAsync(context));
}
