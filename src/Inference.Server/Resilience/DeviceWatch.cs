namespace Inference.Server;

/// <summary>Looks after the device: notices when it hangs, and probes models whose circuit is open, since no request comes to an unready server.</summary>
internal sealed partial class DeviceWatch(DeviceGuard guard, DeviceHealth health, ModelHost models, ServerOptions options, TimeProvider time, ILogger<DeviceWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var quarter = options.Resilience.Hang / 4;
        using var timer = new PeriodicTimer(quarter < Slowest ? quarter : Slowest, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (health.Update())
                    LogHang(health.IsHung ? "hangs; the process has to be restarted" : "came back");
                // Behind an evaluation that hangs a probe would only wait.
                if (!health.IsHung)
                    await ProbeAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task ProbeAsync(CancellationToken stoppingToken)
    {
        foreach (var network in guard.Networks.Where(network => network.WantsProbe).ToArray())
        {
            if (models.Catalog?.Models.FirstOrDefault(model => model.Name == network.Model) is not { } model)
                continue;
            try
            {
                // A probe that hangs must not keep the watch from noticing that.
                await model.ProbeAsync(stoppingToken).WaitAsync(options.Resilience.Hang, time, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogProbe(network.Model, exception.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The device {State}")]
    private partial void LogHang(string state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model '{Model}': the probe failed: {Error}")]
    private partial void LogProbe(string model, string error);
}
