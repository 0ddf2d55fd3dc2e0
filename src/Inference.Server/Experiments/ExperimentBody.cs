using System.ComponentModel;
using System.Text.Json;

namespace Inference.Server;

/// <summary>Body of <c>POST /v1/experiments</c>.</summary>
public sealed record ExperimentBody
{
    [Description("Name for people, at most 200 characters.")]
    public required string Name { get; init; }

    [Description("What is compared, 2 to 16 arms.")]
    public required IReadOnlyList<ArmBody> Arms { get; init; }

    [Description("Name of the arm that the others are compared with; the first when missing.")]
    public string? Reference { get; init; }

    [Description("Who keeps an arm: request (each has its own) or user (the request's field 'user').")]
    public string? Sticky { get; init; }

    [Description("Share, 0 to 1, of the requests that name no experiment and none of the arms' options that take part; 0 when missing.")]
    public double? DefaultShare { get; init; }

    [Description("Which requests also run the other arms with the same seeds.")]
    public PairingBody? Pairing { get; init; }

    [Description("When it ends by itself.")]
    public StopBody? Stop { get; init; }
}

/// <summary>One arm.</summary>
public sealed record ArmBody
{
    [Description("Unique in its experiment: 1 to 64 of A to Z, a to z, 0 to 9, '.', '_', '-'.")]
    public required string Name { get; init; }

    [Description("Its part of the requests is weight / sum of weights; above 0, 1 when missing.")]
    public double? Weight { get; init; }

    [Description("Options of /v1/images/generations that the arm sets.")]
    public JsonElement? Options { get; init; }
}

/// <summary>Which requests also run the other arms.</summary>
public sealed record PairingBody
{
    [Description("Whether any do; false when missing.")]
    public bool? Enabled { get; init; }

    [Description("Share of the requests that do, above 0 up to 1; 1 when missing.")]
    public double? Share { get; init; }
}

/// <summary>When an experiment ends by itself.</summary>
public sealed record StopBody
{
    [Description("latency_ms, service_ms (without the queue) or evaluations; service_ms when missing.")]
    public string? Metric { get; init; }

    [Description("Probability, over all looks and arms together, of calling a difference sure that is none: 0.001 to 0.5; 0.05 when missing.")]
    public double? Alpha { get; init; }

    [Description("Results that every arm has before a difference counts, from 50; 100 when missing.")]
    public int? MinResults { get; init; }

    [Description("Results after which it ends in any case, to 1000000; 10000 when missing.")]
    public int? MaxResults { get; init; }

    [Description("Whether it ends when an arm's difference from the reference is sure; false when missing.")]
    public bool? OnDifference { get; init; }
}

/// <summary>Body of <c>POST /v1/experiments/{id}/votes</c>: winner and loser, or tie.</summary>
public sealed record VoteBody
{
    [Description("Name of the arm whose picture was better.")]
    public string? Winner { get; init; }

    [Description("Name of the arm whose picture was worse.")]
    public string? Loser { get; init; }

    [Description("Names of two arms whose pictures were equally good.")]
    public string[]? Tie { get; init; }

    [Description("Who voted, at most 256 characters.")]
    public string? User { get; init; }
}
