using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Keeps the progress of a job while its pictures run side by side.</summary>
internal sealed class JobProgress(Job job, int pictures) : IGenerationObserver
{
    private readonly int[] _steps = new int[pictures];

    public void OnStep(in PictureStep step)
    {
        // Each picture has its own element; a sum that is a step old does no harm.
        _steps[step.Image] = Math.Max(_steps[step.Image], step.Step);
        job.Progress = (double)_steps.Sum() / (step.Steps * pictures);
    }
}
