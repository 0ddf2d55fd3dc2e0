using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The samplers that step between entries of a variance-preserving table.</summary>
internal static class TableSamplers
{
    private static readonly ImmutableArray<NoiseProcess> _variancePreserving = [NoiseProcess.VariancePreserving];

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        new()
        {
            Id = "ddim",
            Name = "DDIM",
            Aliases = ["DDIMScheduler"],
            Source = "Song et al. 2021, arXiv:2010.02502, eq. 12",
            Order = 1,
            EvaluationsPerStep = 1,
            AllowsParallelWindow = true,
            Scheduler = "DDIMScheduler",
            Processes = _variancePreserving,
            ClipsItself = true,
            Options =
            [
                new("eta", "0 is deterministic, 1 has the variance of DDPM.", 0.0) { Minimum = 0, Maximum = 1 },
                new("use_clipped_model_output", "Whether the noise is derived from the clipped prediction.", false),
            ],
            Create = options => new Ddim(options.Number("eta"), options.Clipping, options.Flag("use_clipped_model_output")),
        },
        new()
        {
            Id = "ddpm",
            Name = "DDPM",
            Aliases = ["DDPMScheduler"],
            Source = "Ho et al. 2020, arXiv:2006.11239, Algorithm 2",
            Order = 1,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            AllowsParallelWindow = true,
            Scheduler = "DDPMScheduler",
            Processes = _variancePreserving,
            Options =
            [
                new("variance_type", "Variance of a step: of the posterior (small) or of the forward step (large).", "fixed_small")
                {
                    Allowed = ["fixed_small", "fixed_small_log", "fixed_large"],
                },
            ],
            Create = options => new Ddpm(options.Text("variance_type") == "fixed_large" ? DdpmVariance.Large : DdpmVariance.Small),
        },
        new()
        {
            Id = "plms",
            Name = "PLMS",
            Aliases = ["PNDMScheduler"],
            Source = "Liu et al. 2022, arXiv:2202.09778; Rombach et al. 2022, appendix (without Runge-Kutta steps)",
            Order = 1,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Scheduler = "PNDMScheduler",
            Settings = ImmutableDictionary<string, object>.Empty.Add("skip_prk_steps", true),
            Processes = _variancePreserving,
            Create = options => new Pndm(options.Prediction, PndmWarmUp.Redo),
        },
        new()
        {
            Id = "pndm",
            Name = "PNDM",
            Source = "Liu et al. 2022, arXiv:2202.09778, Algorithm 2",
            Order = 1,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Scheduler = "PNDMScheduler",
            Settings = ImmutableDictionary<string, object>.Empty.Add("skip_prk_steps", false),
            Processes = _variancePreserving,
            Create = options => new Pndm(options.Prediction, PndmWarmUp.RungeKutta),
        },
        new()
        {
            Id = "lcm",
            Name = "LCM",
            Aliases = ["LCMScheduler"],
            Source = "Luo et al. 2023, arXiv:2310.04378, Algorithm 3",
            Order = 0,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            Scheduler = "LCMScheduler",
            Processes = _variancePreserving,
            Options = [new("timestep_scaling", "Factor on the timestep in the boundary condition.", 10.0) { Minimum = 0 }],
            Create = options => new Lcm(options.Number("timestep_scaling")),
        },
        new()
        {
            Id = "tcd",
            Name = "TCD",
            Aliases = ["TCDScheduler"],
            Source = "Zheng et al. 2024, arXiv:2402.19159, Algorithm 4",
            Order = 0,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            Scheduler = "TCDScheduler",
            Processes = _variancePreserving,
            Options = [new("eta", "γ: 0 is deterministic, 1 as LCM.", 0.3) { Minimum = 0, Maximum = 1 }],
            Create = options => new Tcd(options.Number("eta")),
        },
    ];
}
