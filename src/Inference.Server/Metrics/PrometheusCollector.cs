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
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = [];
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
        Counter<long> => (instrument.Name + "_total", "counter"),
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
            series = _series.GetOrAdd(key, static key => Series.For(key.Instrument));
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

    private abstract class Series
    {
        public static Series For(Instrument instrument) => instrument switch
        {
            Counter<long> => new Sum(),
            Histogram<double> histogram => new Buckets([.. histogram.Advice?.HistogramBucketBoundaries ?? []]),
            _ => new Last(),
        };

        public abstract void Record(double value);

        public abstract void Write(StringBuilder text, string name, string labels);

        protected static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(CultureInfo.InvariantCulture, $" {value}\n");
        }
    }

    private sealed class Sum : Series
    {
        private long _value;

        public override void Record(double value) => Interlocked.Add(ref _value, (long)value);

        public override void Write(StringBuilder text, string name, string labels) => Line(text, name, labels, Interlocked.Read(ref _value));
    }

    private sealed class Last : Series
    {
        private double _value;

        public override void Record(double value) => Volatile.Write(ref _value, value);

        public override void Write(StringBuilder text, string name, string labels) => Line(text, name, labels, Volatile.Read(ref _value));
    }

    private sealed class Buckets(double[] bounds) : Series
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _sum;

        public override void Record(double value)
        {
            var index = Array.FindIndex(bounds, bound => value <= bound);
            lock (_gate)
            {
                _counts[index < 0 ? bounds.Length : index]++;
                _sum += value;
            }
        }

        public override void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
            {
                var (total, separator) = (0L, labels.Length == 0 ? "" : ",");
                for (var i = 0; i <= bounds.Length; i++)
                {
                    total += _counts[i];
                    var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    Line(text, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", total);
                }
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, total);
            }
        }
    }
}
