using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Runs the other arms of requests with the same seeds, one run at a time and behind everything that clients wait for.</summary>
internal sealed partial class PairRunner(
    PairQueue queue, Generator generator, ExperimentTable table, ExperimentMetrics metrics, ActiveRequests active, Drain drain, ModelHost models, TimeProvider time, ILogger<PairRunner> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Begun);
        try
        {
            await models.Loaded.WaitAsync(ending.Token);
            await foreach (var work in queue.ReadAsync(ending.Token))
                await RunAsync(work, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Pairs that wait are not worth waiting for.
        }
    }

    private async Task RunAsync(PairWork work, CancellationToken cancellationToken)
    {
        var (part, definition) = (work.Part, work.Part.In.Definition);
        // The reference first: the others are compared with it.
        var reference = part.Arm == definition.Reference ? work.Pictures : null;
        foreach (var arm in Enumerable.Range(0, definition.Arms.Count).Where(arm => arm != part.Arm).OrderBy(arm => arm == definition.Reference ? 0 : 1))
            try
            {
                var finished = await GenerateAsync(work, arm, cancellationToken);
                RgbImage[] pictures = [.. finished.Result.Images.Select(picture => picture.Image)];
                if (arm == definition.Reference)
                    reference = pictures;
                var similarity = arm == definition.Reference || reference is null ? null : RunResult.Compare(reference, pictures);
                if (arm == definition.Reference && RunResult.Compare(pictures, work.Pictures) is { } own)
                    await table.Store.CompareAsync(part.In.Experiment.Id, part.Pair, part.Arm, own, cancellationToken);
                await table.Store.AddAsync(part.In.Experiment.Id, RunResult.Of(part, arm, isPrimary: false, finished, time.GetUtcNow()) with { Similarity = similarity }, cancellationToken);
                metrics.Paired(part.In.Experiment.Id, definition.Arms[arm].Name);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.NotPaired();
                LogNotPaired(part.In.Experiment.Id, definition.Arms[arm].Name, exception.Message);
            }
    }

    private async Task<FinishedGeneration> GenerateAsync(PairWork work, int arm, CancellationToken cancellationToken)
    {
        generator.EnsureServing();
        var asked = work.Part.Asked with
        {
            Body = ArmOptions.Apply(
                work.Part.Asked.Body with { Experiment = null, Stream = null, PartialImages = null, Preview = null, TimeoutMs = null, Priority = "batch", Seed = work.Seed },
                work.Part.In.Definition.Arms[arm].Options),
        };
        var started = time.GetTimestamp();
        using var prepared = await generator.PrepareAsync(asked, RequestHints.None, new(), cancellationToken);
        using var life = new RequestLife($"pair_{work.Part.Pair}", cancellationToken, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time);
        using var turn = generator.Admit(prepared);
        return await generator.RunAsync(prepared, turn, life, started);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Experiment {Id}: arm {Arm} was not run for a pair: {Problem}")]
    private partial void LogNotPaired(string id, string arm, string problem);
}
