using System.Collections.Immutable;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What calibration measured of a model: the tables that cache policies need, and the presets chosen with them.</summary>
public sealed record CacheCalibration
{
    /// <summary>Version of the form.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the form of the file it was read from.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the model's files.</summary>
    public required string Model { get; init; }

    /// <summary>One for each number of steps, fewest first.</summary>
    public required ImmutableArray<CalibratedRun> Runs { get; init; }

    /// <summary>The run whose presets hold for a number of steps: that with as many or, since steps that lie closer differ less, the next with fewer;
    /// null below all.</summary>
    public CalibratedRun? Covering(int steps) => Runs.LastOrDefault(run => run.Steps <= steps);

    /// <summary>The run whose tables are taken for a number of steps.</summary>
    public CalibratedRun Nearest(int steps) => Runs.MinBy(run => Math.Abs(run.Steps - steps))!;
}

/// <summary>What was measured at one number of steps.</summary>
public sealed record CalibratedRun
{
    public required int Steps { get; init; }

    /// <summary>Id of the sampler.</summary>
    public required string Sampler { get; init; }

    public required double GuidanceScale { get; init; }

    /// <summary>Pictures that means are over.</summary>
    public required int Pictures { get; init; }

    /// <summary>MagCache's ratios, one a step; empty where the network has no blocks.</summary>
    public ImmutableArray<double> Ratios { get; init; } = [];

    /// <summary>TeaCache's polynomial, highest power first; empty where the network has no blocks.</summary>
    public ImmutableArray<double> Polynomial { get; init; } = [];

    /// <summary>CG-Taylor's threshold; null where the network has no blocks.</summary>
    public double? ForecastThreshold { get; init; }

    /// <summary>Cosines between the outputs of neighbouring steps, one a step.</summary>
    public ImmutableArray<double> Similarities { get; init; } = [];

    /// <summary>Schedules of full steps by dynamic programming over measured errors.</summary>
    public ImmutableArray<CalibratedSchedule> Schedules { get; init; } = [];

    public ImmutableArray<CalibratedPreset> Presets { get; init; } = [];

    /// <summary>Fills in the measured tables that a policy needs and a request leaves out.</summary>
    /// <param name="request">The request.</param>
    /// <param name="steps">Steps of its run.</param>
    public CacheRequest Complete(CacheRequest request, int steps)
    {
        if (CachePolicies.Find(request.Policy) is not { } policy || TableOf(policy.Id, request, steps) is not var (option, value) || request.Options.ContainsKey(option))
            return request;
        return request with { Options = new Dictionary<string, object>(request.Options) { [option] = value } };
    }

    private (string Option, object Value)? TableOf(string policy, CacheRequest request, int steps) => policy switch
    {
        "magcache" when !Ratios.IsEmpty => ("ratios", CalibratedSchedule.Text(Ratios)),
        "teacache" when !Polynomial.IsEmpty => ("polynomial", CalibratedSchedule.Text(Polynomial)),
        "step_rehash" when !Similarities.IsEmpty => ("similarities", CalibratedSchedule.Text(Similarities)),
        "cg_taylor" when ForecastThreshold is { } threshold => ("threshold", threshold),
        // A schedule is one of its own number of steps; a third of them is what is taken where nothing is said.
        "fixed_steps" when steps == Steps && ScheduleOf(request.Options.TryGetValue("features", out var features) ? features as string : "stack") is { } schedule =>
            ("full", CalibratedSchedule.Text(schedule.Full.Select(step => (double)step))),
        _ => null,
    };

    private CalibratedSchedule? ScheduleOf(string? features) => Schedules.Where(schedule => schedule.Features == features).MinBy(schedule => Math.Abs(3 * schedule.Full.Length - Steps));
}

/// <summary>A schedule of full steps.</summary>
/// <param name="Features">What is predicted on the others, as in <c>fixed_steps</c>.</param>
/// <param name="Full">The steps that are full.</param>
public sealed record CalibratedSchedule(string Features, ImmutableArray<int> Full)
{
    internal static string Text(IEnumerable<double> numbers) => string.Join(',', numbers.Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary>A preset.</summary>
/// <param name="Name">high, balanced or fast.</param>
/// <param name="TargetDecibels">PSNR against the plain run's pictures that it was chosen for.</param>
/// <param name="Policy">Its policy; null where nothing that saves work reaches the target, so that every step is computed in full.</param>
/// <param name="Options">Options of the policy; measured tables are not repeated here.</param>
/// <param name="Psnr">Mean PSNR that was measured, dB; null for the plain run.</param>
/// <param name="FullShare">Share of the rows of which the whole network is computed.</param>
/// <param name="Work">Time it took by that of the plain run.</param>
public sealed record CalibratedPreset(string Name, double TargetDecibels, string? Policy, ImmutableSortedDictionary<string, JsonElement> Options, double? Psnr, double FullShare, double Work);
