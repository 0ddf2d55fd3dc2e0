using System.Threading.Channels;
using Inference.Experiments;

namespace Inference.Server;

/// <summary>Looks at experiments that have new results, beside the requests, and stops those whose stop rule says so.</summary>
internal sealed partial class StopLooks(ExperimentTable table, ILogger<StopLooks> logger) : BackgroundService
{
    // A look that finds no room is made up for by the next.
    private readonly Channel<RunningExperiment> _asked = Channel.CreateBounded<RunningExperiment>(new BoundedChannelOptions(64) { SingleReader = true });

    public void Ask(RunningExperiment known) => _asked.Writer.TryWrite(known);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var known in _asked.Reader.ReadAllAsync(stoppingToken))
            try
            {
                await LookAsync(known, stoppingToken);
            }
            catch (ExperimentStoreException exception)
            {
                LogNotLooked(known.Experiment.Id, exception.Message);
            }
    }

    private async Task LookAsync(RunningExperiment known, CancellationToken cancellationToken)
    {
        var experiment = known.Experiment;
        if (experiment.IsRunning && experiment.Definition.Stop.Decide(ReportComposer.Compose(experiment, table.Store.Results(experiment.Id), [])) is { } reason)
            await table.StopAsync(known, reason, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Experiment {Id} could not be looked at: {Problem}")]
    private partial void LogNotLooked(string id, string problem);
}
