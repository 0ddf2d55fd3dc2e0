namespace Inference.Server;

/// <summary>Puts the experiments together.</summary>
internal static class ExperimentComposition
{
    public static void AddExperiments(this IServiceCollection services)
    {
        services.AddSingleton<ExperimentMetrics>();
        services.AddSingleton<ExperimentTable>();
        services.AddHostedService(provider => provider.GetRequiredService<ExperimentTable>());
        services.AddSingleton<PairQueue>();
        services.AddSingleton<StopLooks>();
        services.AddHostedService(provider => provider.GetRequiredService<StopLooks>());
        services.AddSingleton<ExperimentTraffic>();
        services.AddSingleton<DefinitionReader>();
        services.AddHostedService<PairRunner>();
    }
}
