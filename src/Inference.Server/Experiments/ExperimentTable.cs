using System.Collections.Concurrent;
using Inference.Experiments;

namespace Inference.Server;

/// <summary>The experiments there are, and their store. The file is opened at the start when it is there, and made with the first experiment; one that cannot be used keeps nobody from pictures.</summary>
internal sealed partial class ExperimentTable(ServerOptions options, TimeProvider time, ILogger<ExperimentTable> logger) : IHostedService
{
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ConcurrentDictionary<string, RunningExperiment> _all = new(StringComparer.Ordinal);
    private volatile ExperimentStore? _store;
    private volatile bool _isBroken;
    private volatile RunningExperiment? _byDefault;

    /// <summary>All experiments, the newest first.</summary>
    /// <exception cref="ExperimentStoreException">The file cannot be used.</exception>
    public IReadOnlyList<RunningExperiment> All
    {
        get
        {
            EnsureUsable();
            return [.. _all.Values.OrderByDescending(known => known.Experiment.Created).ThenByDescending(known => known.Experiment.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>The running experiment that requests without one take part in; null for none.</summary>
    public RunningExperiment? ByDefault => _byDefault;

    /// <summary>The store.</summary>
    /// <exception cref="ExperimentStoreException">It cannot be used.</exception>
    public ExperimentStore Store => _store ?? throw Unusable();

    /// <summary>The experiment of an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="field">Where it was given, for errors.</param>
    /// <exception cref="BadRequestException">There is none.</exception>
    /// <exception cref="ExperimentStoreException">The file cannot be used.</exception>
    public RunningExperiment Find(string id, string field)
    {
        EnsureUsable();
        return _all.GetValueOrDefault(id) ?? throw new BadRequestException(
            HttpError.Invalid("No experiment has this id; GET /v1/experiments lists those there are.", field, "experiment_not_found", StatusCodes.Status404NotFound));
    }

    /// <summary>Adds an experiment, which runs from now on.</summary>
    /// <exception cref="BadRequestException">There are as many as there may be, or another has the requests that name none.</exception>
    /// <exception cref="ExperimentStoreException">It cannot be stored.</exception>
    public async Task<RunningExperiment> AddAsync(ExperimentDefinition definition, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            Open();
            if (_all.Count >= options.Experiments.MaxExperiments)
                throw new BadRequestException(HttpError.TooMany(
                    $"The server keeps as many experiments as it may (Inference:Experiments:MaxExperiments = {options.Experiments.MaxExperiments}); DELETE those that are not needed any more.", "experiments_full", TimeSpan.FromMinutes(1)));
            if (definition.DefaultShare > 0 && _byDefault is { } other)
                throw new BadRequestException(HttpError.Invalid(
                    $"'default_share' must be 0 while experiment {other.Experiment.Id} has the requests that name none; stop that first.", "default_share", "default_share_taken", StatusCodes.Status409Conflict));
            var added = new RunningExperiment(new() { Id = $"exp_{Guid.CreateVersion7():N}", Definition = definition, Created = Now() }, default);
            await Store.AddAsync(added.Experiment, cancellationToken);
            Keep(added);
            return added;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops an experiment; does nothing when it has stopped.</summary>
    /// <exception cref="ExperimentStoreException">It cannot be stored.</exception>
    public async Task StopAsync(RunningExperiment known, StopReason reason, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (!known.Experiment.IsRunning)
                return;
            var now = Now();
            await Store.StopAsync(known.Experiment.Id, now, reason, cancellationToken);
            known.Experiment = known.Experiment with { Stopped = now, Reason = reason };
            LeaveDefault(known);
            LogStopped(known.Experiment.Id, reason);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Removes an experiment with its results and votes.</summary>
    /// <exception cref="ExperimentStoreException">It cannot be removed.</exception>
    public async Task RemoveAsync(RunningExperiment known, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            await Store.RemoveAsync(known.Experiment.Id, cancellationToken);
            _all.TryRemove(known.Experiment.Id, out _);
            known.Experiment = known.Experiment with { Stopped = known.Experiment.Stopped ?? Now(), Reason = known.Experiment.Reason ?? StopReason.Request };
            LeaveDefault(known);
        }
        finally
        {
            _changing.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(PathOf(options)))
            try
            {
                Open();
            }
            catch (ExperimentStoreException exception)
            {
                LogNotOpened(exception.Message);
            }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_store is { } store)
            await store.DisposeAsync();
    }

    private static string PathOf(ServerOptions options) => Path.Combine(AppContext.BaseDirectory, options.Experiments.File);

    // Tried again with every new experiment, so that an operator can move a damaged file away without a restart.
    private void Open()
    {
        if (_store is not null)
            return;
        try
        {
            var store = ExperimentStore.Open(PathOf(options));
            foreach (var experiment in store.Experiments())
                Keep(new(experiment, store.Counts(experiment.Id)));
            (_store, _isBroken) = (store, false);
        }
        catch (ExperimentStoreException)
        {
            _isBroken = true;
            throw;
        }
    }

    private void Keep(RunningExperiment known)
    {
        _all[known.Experiment.Id] = known;
        if (known.Experiment.IsRunning && known.Definition.DefaultShare > 0)
            _byDefault = known;
    }

    private void LeaveDefault(RunningExperiment known)
    {
        if (_byDefault == known)
            _byDefault = null;
    }

    private void EnsureUsable()
    {
        if (_isBroken)
            throw Unusable();
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static ExperimentStoreException Unusable() => new("The experiments file cannot be used.");

    [LoggerMessage(Level = LogLevel.Error, Message = "Experiments are not available, pictures are: {Problem}")]
    private partial void LogNotOpened(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Experiment {Id} has stopped: {Reason}")]
    private partial void LogStopped(string id, StopReason reason);
}
