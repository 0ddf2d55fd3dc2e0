using Inference.Batching;

namespace Inference.Server;

/// <summary>Runs a job again that an earlier process took and did not end.</summary>
internal sealed class JobRecovery(Generator generator, JobFiles files, JobTable table, JobArchive archive, JobRunner runner, ImageRequestReader reader, TimeProvider time)
{
    // A job that takes the process with it does so twice and no more.
    private const int MaxAttempts = 2;

    /// <summary>Lets the job in again as soon as there is room, and starts it.</summary>
    /// <exception cref="OperationCanceledException">The process stops; the job is left to the next one.</exception>
    /// <exception cref="ServerStoppingException">The same.</exception>
    public async Task RunAgainAsync(Job job, CancellationToken stopping)
    {
        var outcome = new RequestOutcome();
        using var given = CancellationTokenSource.CreateLinkedTokenSource(stopping, job.Cancelled);
        try
        {
            if (job.Record.Attempts >= MaxAttempts)
                throw new BadRequestException(HttpError.Server(StatusCodes.Status500InternalServerError, $"The server died {MaxAttempts} times while it ran the job.", "interrupted"));
            var file = files.ReadImage(job.Id);
            var prepared = await generator.PrepareAsync(new(job.Record.Body, file is null ? null : reader.Decode(file), file), RequestHints.None, outcome, given.Token);
            try
            {
                var bytes = JobSize.OfResult(prepared.Checked);
                table.Resize(job, files.SizeOf(job.Id) + bytes);
                files.TryReserve(job.Id, bytes);
                job.Turn = await AdmitAsync(prepared, given.Token);
                runner.Start(job, prepared, job.Turn, outcome);
            }
            catch
            {
                prepared.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException) when (given.IsCancellationRequested)
        {
            // Cancelled by its client meanwhile, unless the process stops.
            stopping.ThrowIfCancellationRequested();
        }
        catch (Exception exception) when (exception is not ServerStoppingException)
        {
            archive.Fail(job, exception, outcome);
        }
    }

    // It had been let in once, so that a full queue only makes it wait.
    private async Task<Turn> AdmitAsync(PreparedGeneration prepared, CancellationToken cancellationToken)
    {
        while (true)
            try
            {
                return generator.Admit(prepared);
            }
            catch (NotAdmittedException refused) when (refused.Answer.Verdict != AdmissionVerdict.DeadlineTooShort)
            {
                await Task.Delay(refused.Answer.RetryAfter > TimeSpan.FromSeconds(1) ? refused.Answer.RetryAfter : TimeSpan.FromSeconds(1), time, cancellationToken);
            }
    }
}
