using Inference.Pipelines;
using Inference.Sampling;
using Microsoft.AspNetCore.Mvc;

namespace Inference.Server;

/// <summary><c>/sdapi/v1</c>: the API of the Stable Diffusion web UI, as far as its clients need it.</summary>
internal static class WebUiEndpoints
{
    private const string Prefix = "/sdapi/v1";

    public static void AddWebUi(this IServiceCollection services)
    {
        services.AddSingleton<WebUiActivity>();
        services.AddSingleton<WebUiGeneration>();
        services.AddSingleton<WebUiProgressReader>();
    }

    public static void MapWebUi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Prefix);
        Generation(api.MapPost("/txt2img", (HttpContext context, WebUiGeneration generation) => generation.HandleAsync(context, "txt2img", takesImage: false)), "webuiTxt2Img");
        Generation(api.MapPost("/img2img", (HttpContext context, WebUiGeneration generation) => generation.HandleAsync(context, "img2img", takesImage: true)), "webuiImg2Img");
        api.MapGet("/samplers", () => TypedResults.Json(Samplers(), ServerJson.Default.IReadOnlyListWebUiSampler)).WithName("webuiSamplers").Produces<IReadOnlyList<WebUiSampler>>();
        api.MapGet("/schedulers", () => TypedResults.Json(Schedulers(), ServerJson.Default.IReadOnlyListWebUiScheduler)).WithName("webuiSchedulers").Produces<IReadOnlyList<WebUiScheduler>>();
        api.MapGet("/sd-models", (ModelHost models) => TypedResults.Json(Models(models), ServerJson.Default.IReadOnlyListWebUiModel)).WithName("webuiModels").Produces<IReadOnlyList<WebUiModel>>();
        api.MapGet("/options", (HttpContext context, ModelHost models, WebUiActivity activity) => TypedResults.Json(Options(models, activity.OptionsOf(HolderOf(context))), ServerJson.Default.WebUiOptions))
            .WithName("webuiOptions").Produces<WebUiOptions>();
        api.MapPost("/options", ChangeOptionsAsync).WithName("webuiSetOptions").Accepts<WebUiOptions>("application/json").Produces(200).Produces<OpenAiErrorResponse>(400).Produces<OpenAiErrorResponse>(404);
        api.MapGet("/progress", ProgressAsync).WithName("webuiProgress").Produces<WebUiProgress>();
        api.MapPost("/interrupt", (HttpContext context, WebUiActivity activity) =>
        {
            activity.Interrupt(HolderOf(context));
            return TypedResults.Text("{}", "application/json");
        }).WithName("webuiInterrupt").WithSummary("Ends the client's requests of this API within one step.");
    }

    private static void Generation(RouteHandlerBuilder route, string name) => route
        .WithName(name)
        .Accepts<WebUiBody>("application/json")
        .Produces<WebUiResponse>()
        .Produces<OpenAiErrorResponse>(400)
        .Produces<OpenAiErrorResponse>(404)
        .Produces<OpenAiErrorResponse>(413)
        .Produces<OpenAiErrorResponse>(429)
        .Produces<OpenAiErrorResponse>(500)
        .Produces<OpenAiErrorResponse>(503)
        .Produces<OpenAiErrorResponse>(504);

    private static async Task ProgressAsync(HttpContext context, WebUiProgressReader progress, [FromQuery(Name = "skip_current_image")] bool? skipsImage) => await context.Response.WriteAsJsonAsync(
        await progress.ReadAsync(HolderOf(context), skipsImage != true, context.RequestAborted), ServerJson.Default.WebUiProgress, cancellationToken: context.RequestAborted);

    private static async Task<IResult> ChangeOptionsAsync(HttpContext context, ModelHost models, WebUiActivity activity)
    {
        var given = await RequestBody.ReadAsync(context.Request, ServerJson.Default.WebUiOptions, context.RequestAborted);
        var problems = new List<RequestProblem>();
        WebUiChecks.Check(given, problems);
        if (given.SdModelCheckpoint is { } model && models.Catalog?.Has(model) != true)
            throw new BadRequestException(HttpError.Invalid("The model does not exist; GET /sdapi/v1/sd-models lists those there are.", "sd_model_checkpoint", "model_not_found", StatusCodes.Status404NotFound));
        if (problems.Count > 0)
            throw new InvalidRequestException(problems);
        activity.Change(HolderOf(context), given);
        return TypedResults.Text("null", "application/json");
    }

    private static IReadOnlyList<WebUiSampler> Samplers() => [.. SamplerRegistry.All.Select(sampler => new WebUiSampler(
        WebUiNames.Of(sampler), [sampler.Id, .. sampler.Aliases.Where(alias => alias.Schedule is null).Select(alias => alias.Name)], new Dictionary<string, string>()))];

    private static IReadOnlyList<WebUiScheduler> Schedulers() =>
        [.. WebUiNames.Schedules.Select(known => new WebUiScheduler(known.Name, known.Label, known.Schedule is { } ours && ours != known.Name ? [ours] : [], null, false))];

    private static IReadOnlyList<WebUiModel> Models(ModelHost models) =>
        [.. (models.Catalog?.Entries ?? []).Select(entry => new WebUiModel(entry.Name, entry.Name, null, null, entry.Name, null))];

    private static WebUiOptions Options(ModelHost models, WebUiOptions options) => new()
    {
        SdModelCheckpoint = options.SdModelCheckpoint ?? models.Catalog?.DefaultName,
        SamplesFormat = options.SamplesFormat ?? "png",
        ClipStopAtLastLayers = 1,
        SdVae = "Automatic",
    };

    private static string? HolderOf(HttpContext context) => context.Features.Get<KeyHolder>()?.Name;
}
