using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request of the web UI that waits or runs: what <c>/progress</c> shows and <c>/interrupt</c> ends.</summary>
internal sealed class WebUiRun(string task, string? holder, Turn turn, RequestLife life, int pictures, DateTimeOffset begun) : IGenerationObserver
{
    private readonly int[] _steps = new int[pictures];
    private volatile PicturePreview? _preview;
    private volatile bool _isPreviewWanted;

    /// <summary>Name of the task.</summary>
    public string Task => task;

    /// <summary>Holder of the API key it came with, or null.</summary>
    public string? Holder => holder;

    public DateTimeOffset Begun => begun;

    public int Pictures => pictures;

    /// <summary>Steps of a picture; 0 before it runs.</summary>
    public int Steps { get; private set; }

    /// <summary>Steps finished of the picture that is behind.</summary>
    public int Step => _steps.Min();

    /// <summary>Part that is done, 0 to 1.</summary>
    public double Progress => Steps == 0 ? 0 : (double)_steps.Sum() / (Steps * pictures);

    /// <summary>Predicted time until it starts.</summary>
    public TimeSpan StartsIn => turn.Place?.StartsIn ?? TimeSpan.Zero;

    /// <summary>The latest preview of the first picture; from now on one is kept at every step.</summary>
    public PicturePreview? Preview
    {
        get
        {
            _isPreviewWanted = true;
            return _preview;
        }
    }

    public void OnStep(in PictureStep step)
    {
        _steps[step.Image] = Math.Max(_steps[step.Image], step.Step);
        Steps = step.Steps;
        if (_isPreviewWanted && step.Image == 0)
            _preview = step.Capture();
    }

    /// <summary>Ends it within one step.</summary>
    public void Interrupt() => life.Cancel();
}
