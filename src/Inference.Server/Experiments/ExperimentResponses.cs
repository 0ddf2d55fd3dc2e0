using System.Text.Json;
using Inference.Experiments;

namespace Inference.Server;

/// <summary>An experiment.</summary>
public sealed record ExperimentResponse(
    string Id, string Object, string Name, string Status, long CreatedAt, long? StoppedAt, string? StopReason, IReadOnlyList<ArmResponse> Arms, string Reference, string Sticky, double DefaultShare,
    PairingResponse Pairing, StopResponse Stop, int Results, int Pairs, int Votes)
{
    internal static ExperimentResponse Of(Experiment experiment, ExperimentCounts counts)
    {
        var definition = experiment.Definition;
        var weight = definition.Arms.Sum(arm => arm.Weight);
        return new(
            experiment.Id, "experiment", definition.Name, experiment.IsRunning ? "running" : "stopped", experiment.Created.ToUnixTimeSeconds(), experiment.Stopped?.ToUnixTimeSeconds(), NameOf(experiment.Reason),
            [.. definition.Arms.Select(arm => new ArmResponse(arm.Name, arm.Weight, arm.Weight / weight, JsonElement.Parse(arm.Options)))], definition.Arms[definition.Reference].Name,
            definition.Sticky == StickyKey.User ? "user" : "request", definition.DefaultShare, new(definition.Pairing.Enabled, definition.Pairing.Share),
            new(Experiments.Metrics.Of(definition.Stop.Metric).Name, definition.Stop.Alpha, definition.Stop.MinResults, definition.Stop.MaxResults, definition.Stop.OnDifference),
            counts.Results, counts.Pairs, counts.Votes);
    }

    private static string? NameOf(StopReason? reason) => reason switch
    {
        null => null,
        Experiments.StopReason.Difference => "difference",
        Experiments.StopReason.MaxResults => "max_results",
        _ => "request",
    };
}

/// <summary>One arm; <c>share</c> is its part of the requests.</summary>
public sealed record ArmResponse(string Name, double Weight, double Share, JsonElement Options);

/// <summary>Which requests also run the other arms.</summary>
public sealed record PairingResponse(bool Enabled, double Share);

/// <summary>When the experiment ends by itself.</summary>
public sealed record StopResponse(string Metric, double Alpha, int MinResults, int MaxResults, bool OnDifference);

/// <summary>Experiments, the newest first.</summary>
public sealed record ExperimentList(string Object, IReadOnlyList<ExperimentResponse> Data);

/// <summary>A vote that was taken; <c>votes</c> is how many there are.</summary>
public sealed record VoteResponse(string Object, string Experiment, string? Winner, string? Loser, IReadOnlyList<string>? Tie, int Votes);

/// <summary>A request's part in an experiment; <c>recorded</c> is whether its result counts and is on disk.</summary>
public sealed record ExperimentPart(string Id, string Name, string Arm, bool Recorded);
