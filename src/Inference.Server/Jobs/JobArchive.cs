using System.Text.Json;

namespace Inference.Server;

/// <summary>How jobs begin, end and go, in memory and on disk at once.</summary>
internal sealed partial class JobArchive(JobFiles files, JobTable table, TimeProvider time, ILogger<JobArchive> logger)
{
    /// <summary>A job begins to run.</summary>
    public void Begin(Job job)
    {
        job.Begin();
        TryWrite(job);
    }

    /// <summary>Ends a job with its result, unless it has ended.</summary>
    /// <exception cref="JobStorageException">The result cannot be stored.</exception>
    public void Succeed(Job job, FinishedGeneration finished)
    {
        var now = time.GetUtcNow();
        var result = JsonSerializer.SerializeToUtf8Bytes(ImageGenerationResponse.Of(finished, now), ServerJson.Default.ImageGenerationResponse);
        lock (job.Storage)
        {
            if (job.IsFinished)
                return;
            files.WriteResult(job.Id, result);
            job.TryFinish(JobStatus.Succeeded, now);
        }
        TryWrite(job);
        table.Resize(job, files.SizeOf(job.Id));
    }

    /// <summary>Ends a job that failed.</summary>
    public void Fail(Job job, Exception exception, RequestOutcome outcome)
    {
        var error = HttpError.For(exception) ?? HttpError.Internal(job.Id);
        outcome.Failed(error.Status);
        if (error.Status >= 500)
            LogFailure(exception, job.Id);
        if (exception is CancelledByRequestException)
            End(job, JobStatus.Cancelled);
        else
            End(job, JobStatus.Failed, error.Error);
    }

    /// <summary>Ends a job without a result, unless it has ended.</summary>
    public void End(Job job, JobStatus status, OpenAiError? error = null)
    {
        lock (job.Storage)
        {
            if (!job.TryFinish(status, time.GetUtcNow(), error))
                return;
            files.DeleteResult(job.Id);
        }
        TryWrite(job);
        table.Resize(job, files.SizeOf(job.Id));
    }

    /// <summary>Removes a job that has ended.</summary>
    public void Remove(Job job)
    {
        table.Remove(job);
        lock (job.Storage)
        {
            job.IsRemoved = true;
            files.Delete(job.Id);
        }
    }

    // Should that fail, the job is run again after a restart, which is all there is to lose.
    private void TryWrite(Job job)
    {
        lock (job.Storage)
            try
            {
                if (!job.IsRemoved)
                    files.Write(job.Record);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotWritten(exception, job.Id);
            }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} failed")]
    private partial void LogFailure(Exception exception, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The record of job {Job} could not be written")]
    private partial void LogNotWritten(Exception exception, string job);
}
