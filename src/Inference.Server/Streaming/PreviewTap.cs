using System.Threading.Channels;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A preview on its way out.</summary>
internal sealed record CapturedPreview(PicturePreview Preview, int Image, int Index, int Step, int Steps);

/// <summary>
/// Captures the previews that are due while a request runs, so that sampling never waits for a client. A fixed number of previews is few enough to be held;
/// of previews at an interval, those that a slow client has not taken make way for later ones.
/// </summary>
internal sealed class PreviewTap : IGenerationObserver
{
    private const int Held = 3;
    private readonly PreviewSchedule[] _schedules;
    private readonly Channel<CapturedPreview> _channel;

    /// <param name="pictures">Pictures of the request.</param>
    /// <param name="options">Its previews.</param>
    public PreviewTap(int pictures, StreamOptions options)
    {
        _schedules = [.. Enumerable.Range(0, pictures).Select(_ => options.PreviewEvery is { } every ? PreviewSchedule.Every(every) : PreviewSchedule.Spread(options.PartialImages))];
        _channel = Channel.CreateBounded<CapturedPreview>(new BoundedChannelOptions(Math.Max(1, pictures * (options.PreviewEvery is null ? options.PartialImages : Held)))
        {
            FullMode = BoundedChannelFullMode.DropOldest,
        });
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
