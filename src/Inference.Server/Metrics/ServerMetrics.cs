using System.Diagnostics.Metrics;
using Inference.Batching;
using Inference.Onnx;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>The server's instruments. Label values come from our own registries, never from request text, so label sets are bounded.</summary>
internal sealed class ServerMetrics : IBatchObserver
{
    public const string MeterName = "Inference.Server";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _pictures;
    private readonly Counter<long> _evaluations;
    private readonly Counter<long> _rows;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stage;
    private readonly Histogram<double> _batch;
    private readonly Histogram<double> _batchRows;
    private readonly Histogram<double> _batchSamplers;
    private readonly Histogram<double> _batchTimesteps;
    private readonly Counter<long> _batchFailures;
    private readonly Histogram<double> _cacheShare;
    private readonly Meter _meter;

    public ServerMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("inference_requests", description: "Generation requests by model, sampler and HTTP status (499: client disconnected or cancelled, 504: deadline missed).");
        _pictures = _meter.CreateCounter<long>("inference_pictures", description: "Pictures generated.");
        _evaluations = _meter.CreateCounter<long>("inference_evaluations", description: "Calls of the guided denoiser, guidance counted once.");
        _rows = _meter.CreateCounter<long>("inference_rows", description: "Network rows evaluated.");
        _duration = _meter.CreateHistogram<double>("inference_request_duration_seconds", description: "Duration of successful generation requests.", advice: Seconds);
        _stage = _meter.CreateHistogram<double>("inference_stage_duration_seconds", description: "Duration of the stages of successful requests.", advice: Seconds);
        _batch = _meter.CreateHistogram<double>("inference_batch_duration_seconds", description: "Duration of network batches.", advice: Seconds);
        _batchRows = _meter.CreateHistogram("inference_batch_rows", description: "Rows of network batches.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });
        _batchSamplers = _meter.CreateHistogram("inference_batch_samplers", description: "Different samplers in one network batch.", advice: Few);
        _batchTimesteps = _meter.CreateHistogram("inference_batch_timesteps", description: "Different timesteps in one network batch.", advice: Few);
        _cacheShare = _meter.CreateHistogram("inference_cache_full_share", description: "Realised share of full steps of pictures that cache features.", advice: Shares);
        _batchFailures = _meter.CreateCounter<long>("inference_batch_failures", description: "Network batches that failed and were bisected.");
    }

    private static InstrumentAdvice<double> Shares => new() { HistogramBucketBoundaries = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] };

    private static InstrumentAdvice<double> Few => new() { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 16] };

    private static InstrumentAdvice<double> Seconds => new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    };

    /// <summary>Adds gauges that are read when metrics are collected.</summary>
    public void Watch(GenerationQueue queue, ModelHost models, ActiveRequests active, PipelineHost pipelines)
    {
        _meter.CreateObservableGauge("inference_pictures_running", () => queue.Running, description: "Pictures being denoised.");
        _meter.CreateObservableGauge("inference_requests_waiting", () => queue.Waiting, description: "Requests waiting for their turn.");
        _meter.CreateObservableGauge("inference_queued_work_seconds", () => queue.QueuedWorkSeconds, description: "Predicted seconds until everything let in is done.");
        _meter.CreateObservableGauge("inference_lanes_open", () => models.Catalog?.Models.Sum(model => model.OpenLanes) ?? 0, description: "Denoising loops open.");
        _meter.CreateObservableGauge("inference_latents_outstanding", () => Latent.Outstanding, description: "Latents taken from the pool and not returned.");
        _meter.CreateObservableGauge("inference_requests_active", () => active.Count, description: "Requests being served, waiting ones included.");
        _meter.CreateObservableGauge("inference_rows_waiting", () => pipelines.Device.WaitingRows, description: "Network rows waiting for a batch.");
        _meter.CreateObservableGauge("inference_cache_held_bytes", () => pipelines.Features.HeldBytes, description: "Memory of features that running requests cache.");
        _meter.CreateObservableGauge("inference_cache_reserved_bytes", () => queue.ReservedFeatureBytes, description: "Memory reserved for features that running requests may cache.");
        _meter.CreateObservableGauge("inference_pinned_bytes", () => SessionFactory.PinnedBytes, description: "Memory pinned for inputs and outputs of graphs.");
        _meter.CreateObservableGauge("inference_pinned_objects", () => GC.GetGCMemoryInfo(GCKind.Any).PinnedObjectsCount, description: "Objects that were pinned at the last garbage collection.");
        _meter.CreateObservableGauge("inference_thread_pool_threads", () => ThreadPool.ThreadCount, description: "Threads of the pool.");
        _meter.CreateObservableGauge("inference_gen2_collections", () => GC.CollectionCount(2), description: "Full garbage collections so far.");
        _meter.CreateObservableGauge("inference_ready", () => models.Catalog is null ? 0 : 1, description: "1 when requests are served.");
    }

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
        _duration.Record(elapsed.TotalSeconds, model, sampler);
        foreach (var (stage, milliseconds) in new[] { ("queue", timings.Queue), ("text", timings.Text), ("denoise", timings.Denoise), ("decode", timings.Decode), ("encode", timings.Encode) })
            _stage.Record(milliseconds / 1000, model, new("stage", stage));
    }

    public void OnBatch(in BatchReport report)
    {
        var label = report.Reason switch
        {
            FlushReason.AllWaiting => "all_waiting",
            FlushReason.Full => "full",
            _ => "guard",
        };
        _batch.Record(report.Elapsed.TotalSeconds);
        _batchRows.Record(report.Rows, new KeyValuePair<string, object?>("flush", label));
        _batchSamplers.Record(report.Labels);
        _batchTimesteps.Record(report.Timesteps);
        if (report.Failed)
            _batchFailures.Add(1);
    }
}
