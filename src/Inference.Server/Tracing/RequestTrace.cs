using System.Diagnostics;
using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>
/// The span of one generation request, with an event for each picture that joins the batches and for each batch its rows were in. Names follow
/// OpenTelemetry's conventions for HTTP where there is one. Costs nothing where nobody listens.
/// </summary>
internal sealed class RequestTrace : IGenerationObserver, IDisposable
{
    public const string SourceName = "Inference.Server";

    /// <summary>Events beyond these are counted, not kept; exporters cut there too.</summary>
    public const int MaxEvents = 128;

    private static readonly ActivitySource Source = new(SourceName);
    private readonly Activity? _outer = Activity.Current;
    private readonly Activity? _span;
    private int _events;

    private RequestTrace(string name, string id, ActivityKind kind, ActivityContext parent)
    {
        // The host's own activity is not exported: a span below it would have a parent that nobody finds.
        Activity.Current = null;
        _span = Source.StartActivity(name, kind, parent);
        _span?.SetTag("inference.request.id", id);
    }

    private RequestTrace()
    {
    }

    /// <summary>Begins the span of a request.</summary>
    public static RequestTrace Start(HttpContext context)
    {
        if (!Source.HasListeners())
            return new();
        var headers = context.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
        var trace = new RequestTrace($"{context.Request.Method} {route}", context.TraceIdentifier, ActivityKind.Server, parent);
        trace._span?.SetTag("http.request.method", context.Request.Method).SetTag("http.route", route);
        return trace;
    }

    /// <summary>Begins the span of a job that is run, which outlives the request that brought it.</summary>
    public static RequestTrace Start(Job job) => Source.HasListeners() ? new("job", job.Id, ActivityKind.Consumer, default) : new();

    public void OnJoined(int image)
    {
        if (_span is not null)
            Add("joined", new() { ["inference.image"] = image });
    }

    public void OnBatch(int image, in BatchReport batch)
    {
        if (_span is not null)
            Add("batch", new()
            {
                ["inference.image"] = image,
                ["inference.batch.rows"] = batch.Rows,
                ["inference.batch.lanes"] = batch.Lanes,
                ["inference.batch.samplers"] = batch.Labels,
                ["inference.batch.flush"] = FlushLabels.Of(batch.Reason),
                ["inference.batch.duration_ms"] = batch.Elapsed.TotalMilliseconds,
                ["inference.batch.failed"] = batch.Failed,
            });
    }

    /// <summary>Says how the request ended.</summary>
    public void Finish(RequestOutcome outcome)
    {
        if (_span is null)
            return;
        _span.SetTag("inference.model", outcome.Model).SetTag("inference.sampler", outcome.Sampler).SetTag("http.response.status_code", outcome.Status);
        if (outcome.Status >= 500)
            _span.SetStatus(ActivityStatusCode.Error).SetTag("error.type", outcome.Status.ToString());
        if (outcome.Result is { } result)
            _span.SetTag("inference.steps", result.Settings.Steps).SetTag("inference.images", result.Images.Count)
                .SetTag("inference.evaluations", result.Images.Sum(image => image.Evaluations)).SetTag("inference.rows", result.Images.Sum(image => image.Rows));
        if (outcome.Timings is { } timings)
            _span.SetTag("inference.queue_ms", timings.Queue).SetTag("inference.text_ms", timings.Text).SetTag("inference.denoise_ms", timings.Denoise)
                .SetTag("inference.decode_ms", timings.Decode).SetTag("inference.encode_ms", timings.Encode);
        if (_events > MaxEvents)
            _span.SetTag("inference.events_dropped", _events - MaxEvents);
    }

    public void Dispose()
    {
        if (_span is null)
            return;
        _span.Dispose();
        Activity.Current = _outer;
    }

    private void Add(string name, ActivityTagsCollection tags)
    {
        if (Interlocked.Increment(ref _events) <= MaxEvents)
            _span!.AddEvent(new(name, tags: tags));
    }
}
