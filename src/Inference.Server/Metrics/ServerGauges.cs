using System.Diagnostics.Metrics;
using Inference.Onnx;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>What is read when metrics are collected.</summary>
internal sealed class ServerGauges
{
    public ServerGauges(IMeterFactory meters, GenerationQueue queue, ModelHost models, ActiveRequests active, PipelineHost pipelines, Availability availability)
    {
        var meter = meters.Create(ServerMetrics.MeterName);
        meter.CreateObservableGauge("inference_pictures_running", () => queue.Running, description: "Pictures being denoised.");
        meter.CreateObservableGauge("inference_requests_waiting", () => queue.Waiting, description: "Requests waiting for their turn.");
        meter.CreateObservableGauge("inference_queued_work_seconds", () => queue.QueuedWorkSeconds, description: "Predicted seconds until everything let in is done.");
        meter.CreateObservableGauge("inference_lanes_open", () => models.Catalog?.Models.Sum(model => model.OpenLanes) ?? 0, description: "Denoising loops open.");
        meter.CreateObservableGauge("inference_latents_outstanding", () => Latent.Outstanding, description: "Latents taken from the pool and not returned.");
        meter.CreateObservableGauge("inference_requests_active", () => active.Count, description: "Requests being served, waiting ones included.");
        meter.CreateObservableGauge("inference_rows_waiting", () => pipelines.Device.WaitingRows, description: "Network rows waiting for a batch.");
        meter.CreateObservableGauge("inference_cache_held_bytes", () => pipelines.Features.HeldBytes, description: "Memory of features that running requests cache.");
        meter.CreateObservableGauge("inference_cache_reserved_bytes", () => queue.ReservedFeatureBytes, description: "Memory reserved for features that running requests may cache.");
        meter.CreateObservableGauge("inference_device_bytes", () => SessionFactory.DeviceBytes, description: "Memory on devices for inputs and outputs of graphs and for cached features.");
        meter.CreateObservableGauge("inference_pinned_bytes", () => SessionFactory.PinnedBytes, description: "Memory pinned for inputs and outputs of graphs.");
        meter.CreateObservableGauge("inference_pinned_objects", () => GC.GetGCMemoryInfo(GCKind.Any).PinnedObjectsCount, description: "Objects that were pinned at the last garbage collection.");
        meter.CreateObservableGauge("inference_memory_available_bytes", () => Memory(memory => memory.Available), description: "Memory that evaluations and decodes may take beside the weights.");
        meter.CreateObservableGauge("inference_memory_row_bytes", () => Memory(memory => memory.RowBytes), description: "Measured memory of a network row at the model's default size.");
        meter.CreateObservableGauge("inference_memory_network_peak_bytes", () => Memory(memory => memory.NetworkPeak), description: "Most memory that an evaluation of the network has taken.");
        meter.CreateObservableGauge("inference_memory_decoder_peak_bytes", () => Memory(memory => memory.DecoderPeak), description: "Most memory that a decode has taken.");
        meter.CreateObservableGauge("inference_thread_pool_threads", () => ThreadPool.ThreadCount, description: "Threads of the pool.");
        meter.CreateObservableGauge("inference_gen2_collections", () => GC.CollectionCount(2), description: "Full garbage collections so far.");
        meter.CreateObservableGauge("inference_ready", () => availability.NotReady is null ? 1 : 0, description: "1 when requests are served.");
        meter.CreateObservableGauge("inference_live", () => availability.NotLive is null ? 1 : 0, description: "0 when the process should be restarted.");

        // Models are few, and their names are ours.
        Measurement<long>[] Memory(Func<MemoryReport, long?> value) => [.. (models.Catalog?.Models ?? [])
            .Select(model => (model.Name, Value: value(model.Memory))).Where(entry => entry.Value is not null)
            .Select(entry => new Measurement<long>(entry.Value!.Value, new KeyValuePair<string, object?>("model", entry.Name)))];
    }
}
