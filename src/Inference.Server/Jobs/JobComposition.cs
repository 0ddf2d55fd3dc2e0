namespace Inference.Server;

/// <summary>Puts the jobs together.</summary>
internal static class JobComposition
{
    public static void AddJobs(this IServiceCollection services, JobOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new JobFiles(Path.Combine(AppContext.BaseDirectory, options.Directory)));
        services.AddSingleton<JobTable>();
        services.AddSingleton<JobArchive>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<JobRecovery>();
        services.AddSingleton<JobSubmission>();
        // After the models: hosted services stop in reverse, and jobs need them to the end.
        services.AddHostedService<JobHost>();
    }
}
