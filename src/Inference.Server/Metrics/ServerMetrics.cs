using System.Diagnostics.Metrics;

namespace Inference.Server;

/// <summary>The instruments of requests. Label values come from our own registries, never from request text, so label sets are bounded.</summary>
internal sealed class ServerMetrics
{
    public const string MeterName = "Inference.Server";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _pictures;
    private readonly Counter<long> _evaluations;
    private readonly Counter<long> _rows;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stage;
    private readonly Histogram<double> _step;
    private readonly Histogram<double> _cacheShare;
    private readonly Histogram<double> _parallelRounds;
    private readonly Histogram<double> _parallelWidth;

    public ServerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("inference_requests", description: "Generation requests by model, sampler and HTTP status (499: client disconnected or cancelled, 504: deadline missed).");
        _pictures = meter.CreateCounter<long>("inference_pictures", description: "Pictures generated.");
        _evaluations = meter.CreateCounter<long>("inference_evaluations", description: "Calls of the guided denoiser, guidance counted once.");
        _rows = meter.CreateCounter<long>("inference_rows", description: "Network rows evaluated.");
        _duration = meter.CreateHistogram("inference_request_duration_seconds", description: "Duration of successful generation requests, end to end.", advice: Boundaries.Seconds);
        _stage = meter.CreateHistogram("inference_stage_duration_seconds", description: "Duration of the stages of successful requests: queue, text, denoise, decode, encode.", advice: Boundaries.Seconds);
        _step = meter.CreateHistogram("inference_step_duration_seconds", description: "Duration of denoising steps, the wait for the batch included.", advice: Boundaries.Seconds);
        _cacheShare = meter.CreateHistogram("inference_cache_full_share", description: "Realised share of full steps of pictures that cache features, by policy.", advice: Boundaries.Shares);
        _parallelRounds = meter.CreateHistogram("inference_parallel_rounds_share", description: "Groups evaluated one after the other by the steps of pictures sampled in parallel, by method.", advice: Boundaries.Rounds);
        _parallelWidth = meter.CreateHistogram("inference_parallel_width", description: "Mean evaluations side by side of pictures sampled in parallel, by method.", advice: Boundaries.Rows);
    }

    /// <summary>A request has ended.</summary>
    public void Record(RequestOutcome outcome, TimeSpan elapsed)
    {
        KeyValuePair<string, object?> model = new("model", outcome.Model), sampler = new("sampler", outcome.Sampler);
        _requests.Add(1, model, sampler, new("status", outcome.Status));
        if (outcome is not { Result: { } result, Timings: { } timings, Status: 200 })
            return;
        _pictures.Add(result.Images.Count, model, sampler);
        _evaluations.Add(result.Images.Sum(image => image.Evaluations), model, sampler);
        _rows.Add(result.Images.Sum(image => image.Rows), model, sampler);
        foreach (var image in result.Images)
            if (image.Cache is { } cache)
                _cacheShare.Record(cache.FullShare, model, new("policy", cache.Policy));
        foreach (var image in result.Images)
            if (image.Parallel is { } parallel)
            {
                _parallelRounds.Record((double)parallel.Rounds / result.Settings.Steps, model, new("method", parallel.Method));
                _parallelWidth.Record((double)parallel.Evaluations / parallel.Rounds, model, new("method", parallel.Method));
            }
        _duration.Record(elapsed.TotalSeconds, model, sampler);
        foreach (var (stage, milliseconds) in new[] { ("queue", timings.Queue), ("text", timings.Text), ("denoise", timings.Denoise), ("decode", timings.Decode), ("encode", timings.Encode) })
            _stage.Record(milliseconds / 1000, model, new("stage", stage));
    }

    /// <summary>A picture of a model took a denoising step.</summary>
    public void Step(string model, TimeSpan elapsed) => _step.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("model", model));
}
