namespace Inference.Server;

/// <summary>Brings back the jobs of an earlier process, removes those whose time is over, and stops the running ones with the process.</summary>
internal sealed partial class JobHost(
    JobFiles files, JobTable table, JobArchive archive, JobRunner runner, JobRecovery recovery, ModelHost models, Drain drain, TimeProvider time, ILogger<JobHost> logger) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly List<Job> _unfinished = [];

    /// <summary>Reads the store before the first request comes.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            files.Open();
            foreach (var record in files.Load(LogNoRecord).OrderBy(record => record.Created))
            {
                var job = new Job(record);
                table.Restore(job, files.SizeOf(job.Id));
                if (!job.IsFinished)
                    _unfinished.Add(job);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotOpened(exception);
        }
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await runner.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Begun);
        try
        {
            await Task.WhenAll(SweepAsync(ending.Token), RecoverAsync(ending.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ServerStoppingException)
        {
            // The process stops. What waits for its turn must not keep it from that.
            runner.LeaveQueued();
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            foreach (var expired in table.RemoveExpired())
                archive.Remove(expired);
    }

    private async Task RecoverAsync(CancellationToken stoppingToken)
    {
        await models.Loaded.WaitAsync(stoppingToken);
        if (_unfinished.Count > 0)
            LogRecovering(_unfinished.Count);
        foreach (var job in _unfinished)
            await recovery.RunAgainAsync(job, stoppingToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogNoRecord(string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The directory of jobs cannot be used; jobs are refused")]
    private partial void LogNotOpened(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} jobs of an earlier process are run again")]
    private partial void LogRecovering(int count);
}
