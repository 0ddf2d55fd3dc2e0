namespace Inference.Sampling;

/// <summary>What a request asks of the sampler. Null means: as the model's own scheduler configuration says.</summary>
public sealed record SamplingOptions
{
    /// <summary>Id or alias of a sampler (<see cref="SamplerRegistry"/>) or a diffusers scheduler class; null: the model's own scheduler.</summary>
    public string? Sampler { get; init; }

    /// <summary>Number of steps, ≥ 1. Ignored when <see cref="Timesteps"/> or <see cref="Sigmas"/> are given.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>Sigma schedule, one of <see cref="SigmaRampNames.All"/>.</summary>
    public string? Schedule { get; init; }

    /// <summary>Exponent ρ &gt; 0 of the schedules karras, polynomial and polyexponential; null: 7, the model's own, or 1.</summary>
    public double? Rho { get; init; }

    /// <summary>Timestep spacing: linspace, leading or trailing.</summary>
    public string? Spacing { get; init; }

    /// <summary>Shift factor of a flow model, &gt; 0; 1 is unshifted.</summary>
    public double? FlowShift { get; init; }

    /// <summary>Timesteps to visit, strictly descending, in the model's unit.</summary>
    public IReadOnlyList<double>? Timesteps { get; init; }

    /// <summary>Levels to visit, strictly descending: σ/α; for flow models the noise share in (0, 1], before shifting. A final 0 may be left out.</summary>
    public IReadOnlyList<double>? Sigmas { get; init; }

    /// <summary>Options of the sampler by name: double (or int), string or bool.</summary>
    public IReadOnlyDictionary<string, object>? SamplerOptions { get; init; }

    /// <summary>Share of the trajectory that is skipped at the start, 0 to less than 1: 1 - strength of image-to-image.</summary>
    public double Start { get; init; }

    /// <summary>Share, above 0 to 1, of the timesteps a model was distilled on over which the steps are spread, counted from the data: how the pipelines of
    /// latent consistency models start from a picture. Refused by schedulers of other kinds.</summary>
    public double DistilledShare { get; init; } = 1;

    /// <summary>Share of the trajectory after which the run stops, more than <see cref="Start"/> to 1; the result then still has the noise of that level.</summary>
    public double End { get; init; } = 1;

    /// <summary>Noise-to-signal ratio σ/α ≥ 0 below which no step may lead: the run stops above it. Null: as <see cref="End"/> says.</summary>
    public double? EndSigma { get; init; }

    /// <summary>Number of image tokens, ≥ 1, for models whose shift depends on the size of the picture.</summary>
    public int? ImageTokens { get; init; }
}
