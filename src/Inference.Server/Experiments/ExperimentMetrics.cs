using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Inference.Server;

/// <summary>The instruments of experiments. Arms are labels; beyond a number of them, which a process reaches only by making experiment after experiment, they are one label "other".</summary>
internal sealed class ExperimentMetrics
{
    private const int MostArms = 128;
    private const string Other = "other";

    private readonly ConcurrentDictionary<(string Experiment, string Arm), bool> _labels = new();
    private readonly Counter<long> _results;
    private readonly Histogram<double> _latency;
    private readonly Counter<long> _notPaired;

    public ExperimentMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ServerMetrics.MeterName);
        _results = meter.CreateCounter<long>("inference_experiment_results", description: "Runs of the arms of experiments: primary (a client waited) or pair (in the background).");
        _latency = meter.CreateHistogram("inference_experiment_latency_seconds", description: "Latency of requests by the arm they ran.", advice: Boundaries.Seconds);
        _notPaired = meter.CreateCounter<long>("inference_experiment_pairs_dropped", description: "Runs of other arms that were left out: too many waited, or the run failed.");
    }

    public void Primary(string experiment, string arm, double milliseconds)
    {
        (experiment, arm) = Labels(experiment, arm);
        _results.Add(1, new("experiment", experiment), new("arm", arm), new("kind", "primary"));
        _latency.Record(milliseconds / 1000, new("experiment", experiment), new("arm", arm));
    }

    public void Paired(string experiment, string arm)
    {
        (experiment, arm) = Labels(experiment, arm);
        _results.Add(1, new("experiment", experiment), new("arm", arm), new("kind", "pair"));
    }

    public void NotPaired() => _notPaired.Add(1);

    private (string Experiment, string Arm) Labels(string experiment, string arm) =>
        _labels.ContainsKey((experiment, arm)) || (_labels.Count < MostArms && _labels.TryAdd((experiment, arm), true)) ? (experiment, arm) : (Other, Other);
}
