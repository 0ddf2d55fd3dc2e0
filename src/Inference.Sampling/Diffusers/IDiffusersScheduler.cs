using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// One scheduler class of diffusers, reduced to its facts: its settings with their defaults, the samplers that do its steps and the noise
/// levels it visits. How a step is computed is the sampler's.
/// </summary>
internal interface IDiffusersScheduler
{
    string ClassName { get; }

    ImmutableArray<Setting> Settings { get; }

    /// <summary>Ids of the samplers that may stand for the class; the first whose settings agree with the configuration does.</summary>
    ImmutableArray<string> Samplers { get; }

    /// <summary>The process of a model with these settings.</summary>
    NoiseProcess Process(SchedulerSettings settings);

    /// <summary>The class that stands for this one on models of a process; null where there is none.</summary>
    string? Counterpart(NoiseProcess process);

    /// <summary>What kind of few-step model publishes itself with this class; null for models that are integrated.</summary>
    FewStepModel? FewStep => null;

    /// <summary>The noise levels of a run.</summary>
    /// <exception cref="SamplingOptionException">The request asks for what the class cannot do.</exception>
    SchedulerRun Run(SchedulerSettings settings, RunRequest request);
}

/// <summary>What a run asks of a scheduler.</summary>
/// <param name="Steps">Number of steps N.</param>
internal sealed record RunRequest(int Steps)
{
    /// <summary>The ramp asked for; null: as the settings say.</summary>
    public RampChoice? Ramp { get; init; }

    /// <summary>Shift factor asked for; null: as the model says.</summary>
    public double? FlowShift { get; init; }

    /// <summary>Shift factor of a model whose shift depends on the picture; null: as the settings say.</summary>
    public double? PictureShift { get; init; }

    /// <summary>The shift factor of the run; null: as the settings say.</summary>
    public double? Shift => FlowShift ?? PictureShift;

    /// <summary>Share of the distilled timesteps that the steps are spread over.</summary>
    public double DistilledShare { get; init; } = 1;

    /// <summary>Timesteps to visit instead of the class's own.</summary>
    public double[]? Timesteps { get; init; }

    /// <summary>Noise-to-signal ratios (noise shares for flow models) to visit instead of the class's own; a last 0 may be left out.</summary>
    public double[]? Sigmas { get; init; }
}

/// <summary>The levels of a run, what the network predicts and how predictions are clipped (null: not).</summary>
internal sealed record SchedulerRun(Trajectory Trajectory, IPrediction Prediction, IDataClipping? Clipping = null)
{
    /// <summary>Where a scheduler calls the network more than once a step (PNDM): index in the trajectory of the first call of each step.
    /// Empty: every step of the trajectory is a step.</summary>
    public ImmutableArray<int> FirstCalls { get; init; } = [];
}
