using System.Text.Json;

namespace Inference.Server;

/// <summary>Runs jobs that were let in, by the same way as requests whose clients wait, and stores how they end.</summary>
internal sealed partial class JobRunner(
    Generator generator, JobFiles files, JobTable table, ActiveRequests active, ServerMetrics metrics, Drain drain, TimeProvider time, ILogger<JobRunner> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Runs a job in the background.</summary>
    /// <param name="job">The job; it has its turn.</param>
    /// <param name="prepared">What it asks for; disposed when it has ended.</param>
    /// <param name="turn">Its place in the queue.</param>
    /// <param name="outcome">What metrics are told.</param>
    public void Start(Job job, PreparedGeneration prepared, Turn turn, RequestOutcome outcome)
    {
        lock (_gate)
        {
            var run = Task.Run(() => RunAsync(job, prepared, turn, outcome), CancellationToken.None);
            _running.Add(run);
            _ = run.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    /// <summary>Leaves the jobs that wait for their turn to the next process.</summary>
    public void LeaveQueued()
    {
        foreach (var job in table.Unfinished().Where(job => job.Status == JobStatus.Queued))
            job.Stop();
    }

    /// <summary>Waits for the jobs that run; what runs when the token is cancelled is left to the next process.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        LeaveQueued();
        await using (cancellationToken.Register(_stopping.Cancel))
            await Task.WhenAll(Running());
    }

    public void Dispose() => _stopping.Dispose();

    private Task[] Running()
    {
        lock (_gate)
            return [.. _running];
    }

    private void Forget(Task run)
    {
        lock (_gate)
            _running.Remove(run);
    }

    private async Task RunAsync(Job job, PreparedGeneration prepared, Turn turn, RequestOutcome outcome)
    {
        var started = time.GetTimestamp();
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, job.Cancelled);
        using var trace = RequestTrace.Start(job);
        using (prepared)
        using (turn)
        using (var life = new RequestLife(job.Id, abandoned.Token, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time))
            try
            {
                await BeginAsync(job, turn, life);
                var finished = await generator.RunAsync(prepared, turn, life, started, new JobProgress(job, prepared.Checked.Request.Count), trace);
                Succeed(job, finished);
                outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
            }
            catch (Exception exception) when (exception is ServerStoppingException || abandoned.IsCancellationRequested && exception is OperationCanceledException)
            {
                // Cancelled, which is in its record already, or left to the next process.
                outcome.Failed(ErrorHandling.ClientClosedRequest);
            }
            catch (Exception exception)
            {
                Fail(job, exception, outcome);
            }
        metrics.Record(outcome, time.GetElapsedTime(started));
        trace.Finish(outcome);
    }

    private async Task BeginAsync(Job job, Turn turn, RequestLife life)
    {
        try
        {
            await turn.Begun.WaitAsync(life.Token);
        }
        catch (OperationCanceledException cancelled)
        {
            throw life.Explain(cancelled);
        }
        job.Begin();
        TryWrite(job);
    }

    private void Succeed(Job job, FinishedGeneration finished)
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
