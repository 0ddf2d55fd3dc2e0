using System.Diagnostics.Metrics;
using Inference.Batching;

namespace Inference.Server;

/// <summary>The instruments of the device and its batches.</summary>
internal sealed class DeviceMetrics : IBatchObserver
{
    private readonly DeviceUse _use;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _rows;
    private readonly Histogram<double> _samplers;
    private readonly Histogram<double> _timesteps;
    private readonly Histogram<double> _padding;
    private readonly Counter<long> _paddingRows;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _openings;
    private readonly Counter<double> _busy;

    public DeviceMetrics(IMeterFactory meters, TimeProvider time)
    {
        _use = new(time);
        var meter = meters.Create(ServerMetrics.MeterName);
        _duration = meter.CreateHistogram("inference_batch_duration_seconds", description: "Duration of network batches.", advice: Boundaries.Seconds);
        _rows = meter.CreateHistogram("inference_batch_rows", description: "Rows of network batches, by the reason why they went: all_waiting, full or guard.", advice: Boundaries.Rows);
        _samplers = meter.CreateHistogram("inference_batch_samplers", description: "Different samplers in one network batch.", advice: Boundaries.Few);
        _timesteps = meter.CreateHistogram("inference_batch_timesteps", description: "Different timesteps in one network batch.", advice: Boundaries.Few);
        _padding = meter.CreateHistogram("inference_batch_padding_ratio", description: "Share of padding among the rows that network batches computed.", advice: Boundaries.Shares);
        _paddingRows = meter.CreateCounter<long>("inference_batch_padding_rows", description: "Rows computed only because the device wants certain batch sizes.");
        _failures = meter.CreateCounter<long>("inference_batch_failures", description: "Network batches that failed and were bisected.");
        _retries = meter.CreateCounter<long>("inference_device_retries", description: "Evaluations tried again on a fresh session after a provider failure, by model.");
        _openings = meter.CreateCounter<long>("inference_circuit_openings", description: "Openings of a model's circuit after repeated provider failures, failed probes included.");
        _busy = meter.CreateCounter<double>("inference_device_busy_seconds", description: "Time the device spent on evaluations.");
        meter.CreateObservableGauge("inference_device_idle_ratio", () => _use.IdleShare, description: "Share of the last minute in which the device evaluated nothing.");
    }

    public void OnBatch(in BatchReport report)
    {
        _use.Record(report.Elapsed);
        _busy.Add(report.Elapsed.TotalSeconds);
        _duration.Record(report.Elapsed.TotalSeconds);
        _rows.Record(report.Rows, new KeyValuePair<string, object?>("flush", FlushLabels.Of(report.Reason)));
        _samplers.Record(report.Labels);
        _timesteps.Record(report.Timesteps);
        _padding.Record((double)report.PaddingRows / (report.Rows + report.PaddingRows));
        _paddingRows.Add(report.PaddingRows);
        if (report.Failed)
            _failures.Add(1);
    }

    /// <summary>An evaluation is tried again on a fresh session.</summary>
    public void Retried(string model) => _retries.Add(1, new KeyValuePair<string, object?>("model", model));

    /// <summary>A model's circuit opened.</summary>
    public void CircuitOpened(string model) => _openings.Add(1, new KeyValuePair<string, object?>("model", model));
}
