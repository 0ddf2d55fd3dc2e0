using System.Security.Cryptography;
using Inference.Experiments;

namespace Inference.Server;

/// <summary>Gives requests their arms, and keeps what came of them.</summary>
internal sealed partial class ExperimentTraffic(ExperimentTable table, PairQueue pairs, StopLooks looks, ExperimentMetrics metrics, TimeProvider time, ILogger<ExperimentTraffic> logger)
{
    /// <summary>The request's part in an experiment; null when it has none.</summary>
    /// <exception cref="BadRequestException">There is no such experiment, or the request sets what its arms set.</exception>
    /// <exception cref="ExperimentStoreException">Experiments cannot be used.</exception>
    public Participation? Join(ImageRequest asked, RequestHints hints)
    {
        if (asked.Body.Experiment is { } id)
            return Join(asked, hints, table.Find(id, "experiment"));
        // A request that somebody waits for, with nothing in it that an arm could contradict.
        return hints.RequestId is not null && table.ByDefault is { } open && asked is { Image: null, Body.Model: null } && ArmOptions.SetBy(asked.Body, open.Options) is null
            && ArmAssignment.IsIn(open.Experiment.Id, "traffic", KeyOf(asked, hints.RequestId, open), open.Definition.DefaultShare)
            ? Part(asked, KeyOf(asked, hints.RequestId, open), open)
            : null;
    }

    /// <summary>Keeps the result before it is answered, so that an answer that says so survives the process.</summary>
    /// <returns>The generation, its part in the experiment in the report.</returns>
    public async Task<FinishedGeneration> RecordAsync(Participation part, PreparedGeneration prepared, FinishedGeneration finished, CancellationToken cancellationToken)
    {
        var experiment = part.In.Experiment;
        var recorded = part.IsRecorded && experiment.IsRunning && await TryRecordAsync(part, finished, cancellationToken);
        if (recorded && experiment.Definition.Pairing is { Enabled: true } pairing && ArmAssignment.IsIn(experiment.Id, "pair", $"{part.Pair}", pairing.Share))
            pairs.Offer(new(part, prepared.Checked.Request.Seed, [.. finished.Result.Images.Select(picture => picture.Image)]));
        return finished with { Report = finished.Report with { Experiment = new(experiment.Id, experiment.Definition.Name, part.ArmName, recorded) } };
    }

    private static Participation Join(ImageRequest asked, RequestHints hints, RunningExperiment known)
    {
        if (hints.RequestId is null)
            throw new BadRequestException(HttpError.Invalid("'experiment' is for requests that clients wait for; jobs take no part in experiments.", "experiment", "invalid_value"));
        if (ArmOptions.SetBy(asked.Body, known.Options) is { } set)
            throw new BadRequestException(HttpError.Invalid($"'{set}' is set by the arms of the experiment; leave it out.", set, "set_by_experiment"));
        return Part(asked, KeyOf(asked, hints.RequestId, known), known);
    }

    private static Participation Part(ImageRequest asked, string key, RunningExperiment known)
    {
        var running = known.Experiment.IsRunning;
        var arm = running ? ArmAssignment.Of(known.Experiment.Id, key, known.Definition.Arms) : known.Definition.Reference;
        return new(known, arm, key, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue, asked, running);
    }

    // A request without a user is a user of its own.
    private static string KeyOf(ImageRequest asked, string requestId, RunningExperiment known) =>
        known.Definition.Sticky == StickyKey.User && asked.Body.User is { Length: > 0 } user ? $"user:{user}" : $"request:{requestId}";

    private async Task<bool> TryRecordAsync(Participation part, FinishedGeneration finished, CancellationToken cancellationToken)
    {
        var id = part.In.Experiment.Id;
        try
        {
            await table.Store.AddAsync(id, RunResult.Of(part, part.Arm, isPrimary: true, finished, time.GetUtcNow()), cancellationToken);
        }
        catch (ExperimentStoreException exception)
        {
            LogNotRecorded(id, exception.Message);
            return false;
        }
        metrics.Primary(id, part.ArmName, finished.Report.TimingsMs.Total);
        if (part.In.IsLookDue())
            looks.Ask(part.In);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A result of experiment {Id} is lost: {Problem}")]
    private partial void LogNotRecorded(string id, string problem);
}
