namespace Inference.Server;

/// <summary>Runs jobs that were let in, by the same way as requests whose clients wait.</summary>
internal sealed class JobRunner(
    Generator generator, JobArchive archive, JobTable table, ActiveRequests active, ServerMetrics metrics, Drain drain, TimeProvider time) : IDisposable
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
                archive.Succeed(job, finished);
                outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
            }
            catch (Exception exception) when (exception is ServerStoppingException || abandoned.IsCancellationRequested && exception is OperationCanceledException)
            {
                // Cancelled, which is in its record already, or left to the next process.
                outcome.Failed(ErrorHandling.ClientClosedRequest);
            }
            catch (Exception exception)
            {
                archive.Fail(job, exception, outcome);
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
        archive.Begin(job);
    }
}
