using Inference.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Inference.Server;

/// <summary>Registers what keeps the server serving, and what stops it.</summary>
internal static class ResilienceServices
{
    // For responses on their way out, after all work is done or given up.
    private static readonly TimeSpan LastResponses = TimeSpan.FromSeconds(10);

    /// <summary>How long the device is waited for when the process ends: one that hangs would be for ever.</summary>
    public static TimeSpan StopLimit(ResilienceOptions options) => options.Hang < LastResponses ? options.Hang : LastResponses;

    public static void AddResilience(this IServiceCollection services)
    {
        services.AddSingleton<DeviceGuard>();
        services.AddSingleton<INetworkGuard>(provider => provider.GetRequiredService<DeviceGuard>());
        services.AddSingleton<DeviceHealth>();
        services.AddHostedService<DeviceWatch>();
        services.AddSingleton<Availability>();
        services.AddSingleton<Drain>();
    }

    /// <summary>Makes the process end by way of <see cref="Drain"/>.</summary>
    public static void AddDraining(this IServiceCollection services)
    {
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = LastResponses);
    }

    public static void Apply(this ConnectionOptions connections, KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = connections.MaxConnections;
        limits.MaxRequestHeadersTotalSize = connections.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = connections.MaxHeaders;
        limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(connections.HeaderMilliseconds);
        limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(connections.IdleMilliseconds);
        limits.MinRequestBodyDataRate = limits.MinResponseDataRate = new(connections.MinBytesPerSecond, TimeSpan.FromMilliseconds(connections.SlowMilliseconds));
    }
}
