using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>A usual name of a sampler; some names imply options or a schedule (web-UI "DPM++ 2M Karras").</summary>
/// <param name="Name">The name, matched without regard to case.</param>
/// <param name="Schedule">Schedule the name implies, or null.</param>
public sealed record SamplerAlias(string Name, string? Schedule = null)
{
    public static implicit operator SamplerAlias(string name) => new(name);
}

/// <summary>What a user needs to know to choose a sampler, and what validation, HTTP, CLI and documentation read.</summary>
public sealed record SamplerDescriptor
{
    /// <summary>Canonical name, lower case: <c>dpmpp-2m</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Name as written in papers: DPM-Solver++(2M).</summary>
    public required string Name { get; init; }

    /// <summary>Other names: diffusers class names, k-diffusion functions, web-UI names.</summary>
    public ImmutableArray<SamplerAlias> Aliases { get; init; } = [];

    /// <summary>Paper or code the method follows.</summary>
    public required string Source { get; init; }

    /// <summary>Nominal order of accuracy (weak order for stochastic samplers); 0 for the rules of few-step models, which integrate nothing.</summary>
    public required int Order { get; init; }

    /// <summary>Evaluations of the guided denoiser a step; 0 for adaptive step sizes.</summary>
    public required int EvaluationsPerStep { get; init; }

    /// <summary>Whether noise is injected while sampling.</summary>
    public bool IsStochastic { get; init; }

    /// <summary>Whether a step uses evaluations of earlier steps.</summary>
    public bool NeedsHistory { get; init; }

    /// <summary>Whether its steps are its own rather than those of the trajectory.</summary>
    public bool TakesOwnSteps { get; init; }

    /// <summary>Whether single steps can be iterated in parallel (Picard windows).</summary>
    public bool AllowsParallelWindow { get; init; }

    /// <summary>Options a request may set. An option named like a setting of <see cref="Scheduler"/> sets that.</summary>
    public ImmutableArray<SamplerOption> Options { get; init; } = [];

    /// <summary>The diffusers scheduler class whose noise levels and settings the sampler uses on a variance-preserving model;
    /// models of another process use that class's counterpart.</summary>
    public string Scheduler { get; init; } = "EulerDiscreteScheduler";

    /// <summary>Settings of <see cref="Scheduler"/> that make this sampler out of it; they go before the model's own.</summary>
    public ImmutableDictionary<string, object> Settings { get; init; } = ImmutableDictionary<string, object>.Empty;

    /// <summary>The processes the method is defined for.</summary>
    public ImmutableArray<NoiseProcess> Processes { get; init; } = [NoiseProcess.VariancePreserving, NoiseProcess.Flow, NoiseProcess.Edm];

    /// <summary>What the network may predict (diffusers' <c>prediction_type</c>), as the scheduler classes that give the levels say.</summary>
    public ImmutableArray<string> PredictionTypes =>
    [
        .. from process in Processes
           let scheduler = DiffusersSchedulers.Find(DiffusersSchedulers.Find(Scheduler)!.Counterpart(process)!)!
           let setting = scheduler.Settings.FirstOrDefault(setting => setting.Name == "prediction_type")
           from name in process == NoiseProcess.Flow ? [Predictions.Flow.Name] : setting!.Allowed.Remove(Predictions.Flow.Name)
           group name by name into names
           select names.Key,
    ];

    /// <summary>Whether the sampler itself clips the predicted data, because it needs the unclipped prediction too.</summary>
    public bool ClipsItself { get; init; }

    /// <summary>Exact number of evaluations on a trajectory, null where it depends on the data; by default steps × <see cref="EvaluationsPerStep"/>.</summary>
    public Func<Trajectory, int?>? Evaluations { get; init; }

    /// <summary>Makes the sampler for validated options.</summary>
    public required Func<SamplerOptionValues, ISampler> Create { get; init; }
}

/// <summary>One option of a sampler: a number within a range, one of several names, or true/false.</summary>
/// <param name="Name">Name in requests, snake_case as in diffusers: <c>eta</c>, <c>solver_order</c>.</param>
/// <param name="Description">What it does, with its unit.</param>
/// <param name="Default">double, string or bool; its type is the option's type.</param>
public sealed record SamplerOption(string Name, string Description, object Default)
{
    /// <summary>Smallest number allowed.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>Largest number allowed.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether only whole numbers are allowed.</summary>
    public bool IsInteger { get; init; }

    /// <summary>The names allowed, for options that are names.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];
}

/// <summary>Options of one run by name, validated against the descriptor; names that were not given have their defaults.</summary>
public sealed class SamplerOptionValues(IReadOnlyDictionary<string, object> values)
{
    /// <summary>What the network predicts, for methods that combine raw outputs (PLMS) or restate them (diffusers' churn).</summary>
    public IPrediction Prediction { get; init; } = Predictions.Epsilon;

    /// <summary>How predicted data is clipped, for samplers that do it themselves (<see cref="SamplerDescriptor.ClipsItself"/>); null: not.</summary>
    public IDataClipping? Clipping { get; init; }

    public double Number(string name) => (double)values[name];

    public int Integer(string name) => (int)(double)values[name];

    public string Text(string name) => (string)values[name];

    public bool Flag(string name) => (bool)values[name];
}

/// <summary>A sampling option is unknown or out of range.</summary>
/// <param name="parameter">Name of the option as the request knows it.</param>
/// <param name="message">What is wrong and what is allowed.</param>
public sealed class SamplingOptionException(string parameter, string message) : Exception(message)
{
    public string Parameter { get; } = parameter;
}
