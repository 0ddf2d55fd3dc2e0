using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The scheduler configuration of a model folder.</summary>
internal static class SchedulerFile
{
    /// <exception cref="ModelFolderException">The file is missing, or its class or a setting is not supported.</exception>
    public static SchedulerConfig Read(ModelFolder folder)
    {
        var text = folder.Text("scheduler", "scheduler_config.json");
        try
        {
            return SchedulerConfig.Parse(text);
        }
        catch (SchedulerConfigException exception)
        {
            throw new ModelFolderException(folder.File("scheduler", "scheduler_config.json"), exception.Message, exception);
        }
    }
}
