using System.Threading.Channels;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A preview on its way out.</summary>
internal sealed record CapturedPreview(PicturePreview Preview, int Image, int Index, int Step, int Steps);

/// <summary>Captures the previews that are due while a request runs. The channel holds them all, since they are few, so that sampling never waits for a client.</summary>
internal sealed class PreviewTap : IGenerationObserver
{
    private readonly PreviewSchedule[] _schedules;
    private readonly Channel<CapturedPreview> _channel;

    /// <param name="pictures">Pictures of the request.</param>
    /// <param name="previews">Previews of each.</param>
    public PreviewTap(int pictures, int previews)
    {
        _schedules = [.. Enumerable.Range(0, pictures).Select(_ => new PreviewSchedule(previews))];
        _channel = Channel.CreateBounded<CapturedPreview>(Math.Max(1, pictures * previews));
    }

    /// <summary>What was captured, in the order of the steps.</summary>
    public IAsyncEnumerable<CapturedPreview> ReadAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

    /// <summary>No more will come.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    public void OnStep(in PictureStep step)
    {
        // One picture's steps come one after another.
        var schedule = _schedules[step.Image];
        if (schedule.IsDue(step.Step, step.Steps))
            _channel.Writer.TryWrite(new(step.Capture(), step.Image, schedule.Given - 1, step.Step, step.Steps));
    }
}
