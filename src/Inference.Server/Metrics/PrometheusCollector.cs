using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Inference.Server;

/// <summary>
/// Collects the instruments of our meter and writes them in the Prometheus text format, version 0.0.4. The number of series is bounded; measurements
/// of series beyond that are counted, not kept.
/// </summary>
internal sealed class PrometheusCollector : IDisposable
{
    private const int MaxSeries = 5_000;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), PrometheusSeries> _series = [];
    private long _dropped;

    public PrometheusCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServerMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All series as text.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        // LINQ over the dictionary itself fails when a series appears meanwhile.
        foreach (var metric in _series.ToArray().OrderBy(entry => entry.Key.Instrument.Name, StringComparer.Ordinal).ThenBy(entry => entry.Key.Labels, StringComparer.Ordinal).GroupBy(entry => entry.Key.Instrument))
        {
            var (name, type) = NameAndType(metric.Key);
            text.Append("# HELP ").Append(name).Append(' ').Append(metric.Key.Description).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (var (key, series) in metric)
                series.Write(text, name, key.Labels);
        }
        text.Append("# HELP inference_metrics_dropped_total Measurements dropped because there were too many label sets.\n# TYPE inference_metrics_dropped_total counter\n");
        return text.Append(CultureInfo.InvariantCulture, $"inference_metrics_dropped_total {Interlocked.Read(ref _dropped)}\n").ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static (string Name, string Type) NameAndType(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => (instrument.Name + "_total", "counter"),
        Histogram<double> => (instrument.Name, "histogram"),
        _ => (instrument.Name, "gauge"),
    };

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MaxSeries)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }
            series = _series.GetOrAdd(key, static key => PrometheusSeries.For(key.Instrument));
        }
        series.Record(value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"")
                .Append(Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        return text.ToString();
    }
}
