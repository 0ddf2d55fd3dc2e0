using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Inference.Server;

/// <summary>The measurements of one instrument under one set of labels.</summary>
internal abstract class PrometheusSeries
{
    /// <summary>A series that fits an instrument.</summary>
    public static PrometheusSeries For(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<double> => new Sum(),
        Histogram<double> histogram => new Buckets([.. histogram.Advice?.HistogramBucketBoundaries ?? []]),
        _ => new Last(),
    };

    public abstract void Record(double value);

    /// <summary>Writes its lines in the Prometheus text format.</summary>
    public abstract void Write(StringBuilder text, string name, string labels);

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(CultureInfo.InvariantCulture, $" {Number(value)}\n");
    }

    // The format's spelling of what is not finite is not .NET's.
    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString(CultureInfo.InvariantCulture);

    private sealed class Sum : PrometheusSeries
    {
        private readonly Lock _gate = new();
        private double _value;

        public override void Record(double value)
        {
            lock (_gate)
                _value += value;
        }

        public override void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
                Line(text, name, labels, _value);
        }
    }

    private sealed class Last : PrometheusSeries
    {
        private double _value;

        public override void Record(double value) => Volatile.Write(ref _value, value);

        public override void Write(StringBuilder text, string name, string labels) => Line(text, name, labels, Volatile.Read(ref _value));
    }

    private sealed class Buckets(double[] bounds) : PrometheusSeries
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
                    Line(text, name + "_bucket", $"{labels}{separator}le=\"{Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity)}\"", total);
                }
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, total);
            }
        }
    }
}
