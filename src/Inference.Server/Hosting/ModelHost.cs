using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Loads the models in the background, warming them up; the server is ready when that is done. No loadable model ends the process.</summary>
internal sealed partial class ModelHost(ServerOptions options, PipelineHost pipelines, IHostApplicationLifetime lifetime, ILogger<ModelHost> logger) : BackgroundService
{
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ModelCatalog? _catalog;

    /// <summary>The models, once loaded and warm; null before.</summary>
    public ModelCatalog? Catalog => _catalog;

    /// <summary>Completes when <see cref="Catalog"/> is there.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Whether the process stops because no model could be loaded.</summary>
    public bool HasFailed { get; private set; }

    public override void Dispose()
    {
        _catalog?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Loading blocks; the listener must open meanwhile.
        await Task.Yield();
        foreach (var warning in pipelines.Sessions.Providers.Warnings)
            LogProviderSkipped(warning);
        ModelCatalog? catalog = null;
        try
        {
            var started = pipelines.Time.GetTimestamp();
            catalog = ModelCatalog.Open(
                Path.Combine(AppContext.BaseDirectory, options.Models.Directory),
                new() { Default = options.Models.Default, Loading = options.Models.Loading, WarmUp = true, MemoryBytes = options.Models.MemoryBudgetBytes }, pipelines);
            await catalog.StartAsync(stoppingToken);
            foreach (var failure in catalog.Entries.Where(entry => entry.State == ModelState.Failed))
                LogModelFailed(failure.Name, failure.Error!);
            LogReady(string.Join(", ", catalog.Models.Select(model => model.Name)), string.Join(", ", pipelines.Sessions.Providers.Names), pipelines.Sessions.Threads, pipelines.Time.GetElapsedTime(started).TotalMilliseconds);
            _catalog = catalog;
            _loaded.SetResult();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            catalog?.Dispose();
        }
        catch (Exception exception)
        {
            catalog?.Dispose();
            LogNoModel(exception.Message);
            HasFailed = true;
            // Stopping a host that is still starting would end it with an exception instead of an exit code.
            var hostStarted = new TaskCompletionSource();
            await using (lifetime.ApplicationStarted.Register(hostStarted.SetResult))
                await hostStarted.Task;
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    internal static partial void LogCostsNotKept(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogProviderSkipped(string warning);

    [LoggerMessage(Level = LogLevel.Error, Message = "Model '{Model}' is not served: {Error}")]
    private partial void LogModelFailed(string model, string error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "No model can be served: {Error}")]
    private partial void LogNoModel(string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: {Models} on {Providers} with {Threads} threads, loaded and warm after {Milliseconds:F0} ms")]
    private partial void LogReady(string models, string providers, int threads, double milliseconds);
}
