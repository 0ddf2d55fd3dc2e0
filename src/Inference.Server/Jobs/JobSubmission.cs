using System.Security.Cryptography;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Takes new jobs: the checks and the admission of any request, then the store. A job that was taken survives the process.</summary>
internal sealed class JobSubmission(Generator generator, JobFiles files, JobTable table, JobArchive archive, JobRunner runner, ServerMetrics metrics, ServerOptions options, TimeProvider time) : IDisposable
{
    // Two requests with one key must not both find that there is no such job yet.
    private readonly SemaphoreSlim _keyed = new(1);

    /// <summary>Takes a job, or finds the one that the key stands for.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="key">The client's idempotency key, or null.</param>
    /// <param name="cancellationToken">The client is gone; the job is not taken.</param>
    /// <returns>The job, and whether it was there already.</returns>
    /// <exception cref="BadRequestException">The key stands for another request, the store is full, or the request cannot be served.</exception>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="NotAdmittedException">It would overflow the queue or miss its deadline.</exception>
    /// <exception cref="JobStorageException">It cannot be written to disk.</exception>
    public async Task<(Job Job, bool IsKnown)> SubmitAsync(ImageRequest asked, string? key, CancellationToken cancellationToken)
    {
        var fingerprint = Fingerprint(asked);
        if (key is null)
            return (await TakeAsync(asked, null, fingerprint, cancellationToken), false);
        await _keyed.WaitAsync(cancellationToken);
        try
        {
            if (table.FindByKey(key) is not { } known)
                return (await TakeAsync(asked, key, fingerprint, cancellationToken), false);
            return known.Record.Fingerprint == fingerprint ? (known, true) : throw new BadRequestException(HttpError.Invalid(
                $"'{IdempotencyKey.Header}' was used with another request; use a new key, or repeat the request as it was.", IdempotencyKey.Header, "idempotency_key_reused", StatusCodes.Status422UnprocessableEntity));
        }
        finally
        {
            _keyed.Release();
        }
    }

    public void Dispose() => _keyed.Dispose();

    private async Task<Job> TakeAsync(ImageRequest asked, string? key, string fingerprint, CancellationToken cancellationToken)
    {
        var request = asked with { Body = Complete(asked.Body) };
        var outcome = new RequestOutcome();
        PreparedGeneration? prepared = null;
        Turn? turn = null;
        try
        {
            if (asked.Body.Stream == true)
                throw new BadRequestException(HttpError.Invalid("'stream' cannot be true for a job; GET /v1/jobs/{id} tells its progress.", "stream", "invalid_value"));
            prepared = await generator.PrepareAsync(request, RequestHints.None, outcome, cancellationToken);
            turn = generator.Admit(prepared);
            var job = new Job(new() { Id = JobId.New(), Body = request.Body, Created = time.GetUtcNow(), IdempotencyKey = key, Fingerprint = fingerprint }) { Turn = turn };
            Store(job, request, JobSize.OfResult(prepared.Checked));
            runner.Start(job, prepared, turn, outcome);
            return job;
        }
        catch (Exception exception)
        {
            turn?.Dispose();
            prepared?.Dispose();
            // One that is taken is counted when it ends.
            outcome.Failed(HttpError.For(exception)?.Status ?? StatusCodes.Status500InternalServerError);
            metrics.Record(outcome, TimeSpan.Zero);
            throw;
        }
    }

    private void Store(Job job, ImageRequest request, long resultBytes)
    {
        foreach (var expired in table.RemoveExpired())
            archive.Remove(expired);
        if (!table.TryAdd(job, JobSize.OfRecord(job.Record) + (request.ImageFile?.Length ?? 0) + resultBytes, out var roomIn))
            throw new BadRequestException(HttpError.TooMany(
                $"The server keeps as many jobs as it may (Inference:Jobs:MaxJobs = {options.Jobs.MaxJobs}, MaxBytes = {options.Jobs.MaxBytes}); DELETE those that are not needed any more.",
                "job_store_full", roomIn ?? TimeSpan.Zero));
        try
        {
            files.Create(job.Record, request.ImageFile, resultBytes);
        }
        catch
        {
            table.Remove(job);
            throw;
        }
    }

    // What a job leaves open is decided now, so that running it again after a restart gives the same pictures. Nobody waits at the other end.
    private ImageGenerationBody Complete(ImageGenerationBody body) => body with
    {
        Seed = body.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue),
        Priority = body.Priority ?? "batch",
        TimeoutMs = body.TimeoutMs ?? options.Queue.MaxTimeoutMilliseconds,
    };

    private static string Fingerprint(ImageRequest asked)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(asked.Body, ServerJson.Default.ImageGenerationBody));
        hash.AppendData(asked.ImageFile ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
