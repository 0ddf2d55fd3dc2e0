// Pictures as a part of another program: the API and the studio beside pages of its own, one of which draws.
using Inference.Server;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddInference(builder.Configuration);

var app = builder.Build();
app.MapInference();
app.MapGet("/", () => "A page of the host's own.");
app.MapGet("/draw/{prompt}", async (string prompt, long? seed, IImageGenerator generator, CancellationToken cancellationToken) =>
{
    try
    {
        var pictures = await generator.GenerateAsync(new() { Prompt = prompt, Seed = seed, NumInferenceSteps = 12 }, cancellationToken);
        return Results.Bytes(pictures.Files[0], "image/png");
    }
    catch (ImageGenerationException exception)
    {
        return Results.Problem(exception.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
    }
});
app.Run();
