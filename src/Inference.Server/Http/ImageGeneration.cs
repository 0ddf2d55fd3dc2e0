using System.Reflection;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request as an endpoint read it: its fields, and the picture to start from where there is one.</summary>
internal sealed record ImageRequest(ImageGenerationBody Body, RgbImage? Image);

/// <summary>What the endpoints that generate pictures have in common: admission, generation, encoding, response, metrics.</summary>
internal sealed class ImageGeneration(
    ModelHost models, GenerationQueue queue, ActiveRequests active, ServerOptions options, GenerationLimits limits, IImageCodec codec, ServerMetrics metrics, TimeProvider time)
{
    private static readonly string Version = typeof(ImageGeneration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Serves a request.</summary>
    /// <param name="context">The request and where its response goes.</param>
    /// <param name="read">Reads the body.</param>
    public async Task HandleAsync(HttpContext context, Func<Task<ImageRequest>> read)
    {
        var started = time.GetTimestamp();
        var outcome = new RequestOutcome();
        try
        {
            var (body, image) = await read();
            var name = KnownModel(body.Model);
            outcome.Model = name;
            // Held while the request waits for its turn too: what it was checked against must be what serves it.
            using var lease = await models.Catalog!.AcquireAsync(name, context.RequestAborted);
            var pipeline = lease!.Pipeline;
            var (request, output, scheduling) = GenerationRequestReader.Read(body, image, context.Request, pipeline, options.Queue, limits);
            outcome.Sampler = pipeline.Check(request, limits).Sampler;

            using var life = new RequestLife(context, active, scheduling.Timeout, time);
            var (result, queueTime) = await GenerateAsync(pipeline, request, scheduling, life);

            var encodeStarted = time.GetTimestamp();
            var pictures = result.Images.Select(picture => codec.Encode(picture.Image, output.Encoding, picture.Parameters)).ToArray();
            var timings = Timings(result, queueTime, time.GetElapsedTime(encodeStarted), time.GetElapsedTime(started));
            outcome.Succeeded(result, timings);
            await RespondAsync(context.Response, output, result, pictures, timings);
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

    private async Task<(GenerationResult Result, TimeSpan QueueTime)> GenerateAsync(DiffusionPipeline pipeline, GenerationRequest request, SchedulingOptions scheduling, RequestLife life)
    {
        var arrived = time.GetTimestamp();
        try
        {
            var cost = await pipeline.PredictAsync(request, limits, life.Token);
            if (cost.FeatureBytes > options.Queue.MaxFeatureBytes)
                throw new InvalidRequestException([new("cache",
                    $"What 'cache' would keep takes {cost.FeatureBytes} bytes, more than this server allows ({options.Queue.MaxFeatureBytes}): choose a lower order, modules 'lite', fewer pictures or a smaller size.")]);
            using var turn = await queue.EnterAsync(cost, scheduling.Priority, scheduling.Timeout, life.Token);
            var queueTime = time.GetElapsedTime(arrived);
            return (await pipeline.GenerateAsync(request, limits, turn, life.Token), queueTime);
        }
        catch (OperationCanceledException cancelled)
        {
            throw life.Explain(cancelled);
        }
    }

    private string KnownModel(string? name)
    {
        if (models.Catalog is not { } catalog)
            throw new BadRequestException(HttpError.Server(StatusCodes.Status503ServiceUnavailable, "The models are still being loaded.", "not_ready", TimeSpan.FromSeconds(1)));
        return catalog.Has(name ?? catalog.DefaultName)
            ? name ?? catalog.DefaultName
            : throw new BadRequestException(HttpError.Invalid($"The model does not exist; GET /v1/models lists those there are: {string.Join(", ", catalog.Entries.Select(entry => entry.Name))}.", "model", "model_not_found", StatusCodes.Status404NotFound));
    }

    private static TimingReport Timings(GenerationResult result, TimeSpan queue, TimeSpan encode, TimeSpan total) => new(
        Round(queue), Round(result.TextTime), Round(result.Images.Max(image => image.DenoiseTime)), Round(result.Images.Max(image => image.DecodeTime)), Round(encode), Round(total));

    private static CacheReport? Report(CacheUse? cache) => cache is null ? null : new(cache.Policy, Math.Round(cache.FullShare, 4), cache.Bytes);

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private async Task RespondAsync(HttpResponse response, ImageOptions output, GenerationResult result, byte[][] pictures, TimingReport timings)
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
            [.. result.Images.Select(image => new ImageReport(image.Seed, image.Evaluations, image.Rows, image.Batches, image.MeanBatchRows, Report(image.Cache)))], timings, result.Warnings);
        await response.WriteAsJsonAsync(
            new ImageGenerationResponse(time.GetUtcNow().ToUnixTimeSeconds(), [.. pictures.Select(picture => new ImageData(Convert.ToBase64String(picture)))],
                output.FormatName, settings.Size.ToString(), "auto", "opaque", report),
            ServerJson.Default.ImageGenerationResponse, cancellationToken: response.HttpContext.RequestAborted);
    }
}
