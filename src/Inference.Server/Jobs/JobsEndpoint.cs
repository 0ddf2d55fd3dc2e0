using System.Text.Json;

namespace Inference.Server;

/// <summary><c>/v1/jobs</c>: requests for pictures whose results are fetched later.</summary>
internal static class JobsEndpoint
{
    private const string Route = "/v1/jobs";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Route, SubmitAsync)
            .WithName("createJob")
            .WithSummary("Takes a job: the body of /v1/images/generations, or of /v1/images/edits as multipart. Header Idempotency-Key: a repetition gets the same job.")
            .Accepts<ImageGenerationBody>("application/json", "multipart/form-data")
            .Produces<JobResponse>(202)
            .Produces<OpenAiErrorResponse>(400)
            .Produces<OpenAiErrorResponse>(404)
            .Produces<OpenAiErrorResponse>(413)
            .Produces<OpenAiErrorResponse>(422)
            .Produces<OpenAiErrorResponse>(429)
            .Produces<OpenAiErrorResponse>(503)
            .Produces<OpenAiErrorResponse>(507)
            .DisableAntiforgery();
        routes.MapGet(Route + "/{id}", GetAsync)
            .WithName("getJob")
            .WithSummary("The state of a job, and its result when it has succeeded.")
            .Produces<JobResponse>()
            .Produces<OpenAiErrorResponse>(404);
        routes.MapDelete(Route + "/{id}", Delete)
            .WithName("deleteJob")
            .WithSummary("Cancels a job, whose work stops within one step; removes one that has ended.")
            .Produces(204)
            .Produces<OpenAiErrorResponse>(404);
    }

    private static async Task SubmitAsync(HttpContext context, Generator generator, JobSubmission submission, ImageRequestReader reader, JobTable table, TimeProvider time)
    {
        generator.EnsureServing();
        var key = IdempotencyKey.Read(context.Request);
        // Keys of different clients are different keys.
        if (key is not null && context.Features.Get<KeyHolder>() is { } holder)
            key = $"{holder.Name}\n{key}";
        var asked = context.Request.HasFormContentType ? await reader.ReadFormAsync(context) : await ImageRequestReader.ReadJsonAsync(context);
        var (job, isKnown) = await submission.SubmitAsync(asked, key, context.RequestAborted);
        if (isKnown)
            context.Response.Headers["idempotent-replayed"] = "true";
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"{Route}/{job.Id}";
        await WriteAsync(context, JobResponse.Of(job, time.GetUtcNow(), table.ExpiryOf(job), null));
    }

    private static async Task GetAsync(string id, HttpContext context, JobTable table, JobFiles files, TimeProvider time)
    {
        var job = Known(id, table);
        JsonDocument? result = null;
        if (job.Status == JobStatus.Succeeded)
            // Removed between the two lines: no job any more.
            result = JsonDocument.Parse(await files.ReadResultAsync(job.Id, context.RequestAborted) ?? throw Unknown());
        using (result)
            await WriteAsync(context, JobResponse.Of(job, time.GetUtcNow(), table.ExpiryOf(job), result?.RootElement));
    }

    private static IResult Delete(string id, JobTable table, JobArchive archive)
    {
        var job = Known(id, table);
        if (job.IsFinished)
        {
            archive.Remove(job);
        }
        else
        {
            archive.End(job, JobStatus.Cancelled);
            job.Stop();
        }
        return TypedResults.NoContent();
    }

    private static Task WriteAsync(HttpContext context, JobResponse response) =>
        context.Response.WriteAsJsonAsync(response, ServerJson.Default.JobResponse, cancellationToken: context.RequestAborted);

    // Ids are looked up and never become names of files.
    private static Job Known(string id, JobTable table) => table.Find(id) ?? throw Unknown();

    private static BadRequestException Unknown() =>
        new(HttpError.Invalid("No job has this id; jobs are removed some time after they have ended.", "id", "job_not_found", StatusCodes.Status404NotFound));
}
