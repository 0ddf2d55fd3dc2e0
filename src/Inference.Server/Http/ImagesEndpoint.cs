using System.Reflection;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary><c>POST /v1/images/generations</c>.</summary>
internal static class ImagesEndpoint
{
    private static readonly string Version = typeof(ImagesEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/images/generations", HandleAsync)
        .WithName("createImage")
        .WithSummary("Generates pictures from a prompt.")
        .Accepts<ImageGenerationBody>("application/json")
        .Produces<ImageGenerationResponse>(200, "application/json", "image/png", "image/jpeg", "image/webp")
        .Produces<OpenAiErrorResponse>(400)
        .Produces<OpenAiErrorResponse>(404)
        .Produces<OpenAiErrorResponse>(429)
        .Produces<OpenAiErrorResponse>(500)
        .Produces<OpenAiErrorResponse>(503)
        .Produces<OpenAiErrorResponse>(504);

    private static async Task HandleAsync(HttpContext context, ModelHost models, GenerationQueue queue, ActiveRequests active, ServerOptions options, GenerationLimits limits, IImageCodec codec, ServerMetrics metrics, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var outcome = new RequestOutcome();
        try
        {
            var body = await RequestBody.ReadAsync(context.Request, ServerJson.Default.ImageGenerationBody, context.RequestAborted);
            var pipeline = FindModel(models, body.Model);
            outcome.Model = pipeline.Name;
            var (request, output, scheduling) = GenerationRequestReader.Read(body, context.Request, pipeline, options.Queue, limits);
            outcome.Sampler = pipeline.Check(request, limits).Sampler;

            using var life = new RequestLife(context, active, scheduling.Timeout, time);
            var (result, queueTime) = await GenerateAsync(pipeline, request, scheduling, queue, life, limits, time);

            var encodeStarted = time.GetTimestamp();
            var pictures = result.Images.Select(image => codec.Encode(image.Image, output.Encoding, image.Parameters)).ToArray();
            var timings = Timings(result, queueTime, time.GetElapsedTime(encodeStarted), time.GetElapsedTime(started));
            outcome.Succeeded(result, timings);
            await RespondAsync(context.Response, output, result, pictures, timings, time);
        }
        catch (Exception exception)
        {
            outcome.Failed(context.RequestAborted.IsCancellationRequested ? ErrorHandling.ClientClosedRequest : HttpError.For(exception)?.Status ?? 500);
            throw;
        }
        finally
        {
            metrics.Record(outcome, time.GetElapsedTime(started));
        }
    }

    private static async Task<(GenerationResult Result, TimeSpan QueueTime)> GenerateAsync(
        DiffusionPipeline pipeline, GenerationRequest request, SchedulingOptions scheduling, GenerationQueue queue, RequestLife life, GenerationLimits limits, TimeProvider time)
    {
        var arrived = time.GetTimestamp();
        try
        {
            using var turn = await queue.EnterAsync(pipeline.Predict(request, limits), scheduling.Priority, scheduling.Timeout, life.Token);
            var queueTime = time.GetElapsedTime(arrived);
            return (await pipeline.GenerateAsync(request, limits, turn, life.Token), queueTime);
        }
        catch (OperationCanceledException cancelled)
        {
            throw life.Explain(cancelled);
        }
    }

    private static DiffusionPipeline FindModel(ModelHost models, string? name)
    {
        if (models.Catalog is not { } catalog)
            throw new BadRequestException(HttpError.Server(StatusCodes.Status503ServiceUnavailable, "The models are still being loaded.", "not_ready", TimeSpan.FromSeconds(1)));
        return catalog.Find(name ?? catalog.DefaultName)
            ?? throw new BadRequestException(HttpError.Invalid($"The model does not exist; GET /v1/models lists those there are: {string.Join(", ", catalog.Models.Select(model => model.Name))}.", "model", "model_not_found", StatusCodes.Status404NotFound));
    }

    private static TimingReport Timings(GenerationResult result, TimeSpan queue, TimeSpan encode, TimeSpan total) => new(
        Round(queue), Round(result.TextTime), Round(result.Images.Max(image => image.DenoiseTime)), Round(result.Images.Max(image => image.DecodeTime)), Round(encode), Round(total));

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private static async Task RespondAsync(HttpResponse response, ImageOptions output, GenerationResult result, byte[][] pictures, TimingReport timings, TimeProvider time)
    {
        response.Headers["server-timing"] = FormattableString.Invariant(
            $"queue;dur={timings.Queue}, text;dur={timings.Text}, denoise;dur={timings.Denoise}, decode;dur={timings.Decode}, encode;dur={timings.Encode}");
        if (output.AsBytes)
        {
            response.Headers["x-inference-seed"] = result.Images[0].Seed.ToString();
            response.ContentType = output.Encoding.MediaType;
            response.ContentLength = pictures[0].Length;
            await response.Body.WriteAsync(pictures[0], response.HttpContext.RequestAborted);
            return;
        }
        var settings = result.Settings;
        var report = new InferenceReport(
            settings.Model, Version, settings.Sampler, settings.Steps, settings.GuidanceScale, result.Images.Sum(image => image.Evaluations),
            [.. result.Images.Select(image => new ImageReport(image.Seed, image.Evaluations, image.Rows, image.Batches, image.MeanBatchRows))], timings, result.Warnings);
        await response.WriteAsJsonAsync(
            new ImageGenerationResponse(time.GetUtcNow().ToUnixTimeSeconds(), [.. pictures.Select(picture => new ImageData(Convert.ToBase64String(picture)))],
                output.FormatName, settings.Size.ToString(), "auto", "opaque", report),
            ServerJson.Default.ImageGenerationResponse, cancellationToken: response.HttpContext.RequestAborted);
    }
}
