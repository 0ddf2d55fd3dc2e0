using Inference.Experiments;

namespace Inference.Server;

/// <summary>An experiment as the server holds it.</summary>
internal sealed class RunningExperiment(Experiment experiment, ExperimentCounts counts)
{
    private int _results = counts.Results;
    private int _nextLook = StopRule.NextLook(counts.Results);
    private volatile Experiment _experiment = experiment;

    public Experiment Experiment
    {
        get => _experiment;
        set => _experiment = value;
    }

    public ExperimentDefinition Definition => _experiment.Definition;

    /// <summary>Options of its arms.</summary>
    public IEnumerable<string> Options => Definition.Arms.Select(arm => arm.Options);

    /// <summary>Counts a result that a client waited for; tells whether it is time to look at the report, or the results are all there.</summary>
    public bool IsLookDue()
    {
        var results = Interlocked.Increment(ref _results);
        var due = Volatile.Read(ref _nextLook);
        return results >= Definition.Stop.MaxResults || (results >= due && Interlocked.CompareExchange(ref _nextLook, StopRule.NextLook(results), due) == due);
    }
}

/// <summary>A request's part in an experiment.</summary>
/// <param name="In">The experiment.</param>
/// <param name="Arm">Index of the arm it runs.</param>
/// <param name="Key">What the arm was chosen by.</param>
/// <param name="Pair">Number that its runs share.</param>
/// <param name="Asked">The request as it came, without the arm's options.</param>
/// <param name="IsRecorded">Whether its result counts: not once the experiment has stopped.</param>
internal sealed record Participation(RunningExperiment In, int Arm, string Key, long Pair, ImageRequest Asked, bool IsRecorded)
{
    public string ArmName => In.Definition.Arms[Arm].Name;
}
