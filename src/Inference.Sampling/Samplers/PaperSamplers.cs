using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Descriptors of the samplers that are made from their papers: diffusers and k-diffusion have none of them in this form.</summary>
internal static class PaperSamplers
{
    private static readonly SamplerOption _adamsOrder = new("order", "Number of noise predictions combined, r + 1 in the paper; 1 is DDIM.", 4.0)
    {
        Minimum = 1,
        Maximum = 4,
        IsInteger = true,
    };

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        new()
        {
            Id = "deis-tab",
            Name = "DEIS tAB",
            Aliases = ["tab-deis", "deis_tab"],
            Source = "Zhang & Chen 2023, arXiv:2204.13902, tAB-DEIS",
            Order = 4,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Options = [_adamsOrder],
            Create = options => new AdamsBashforthSampler(new TimeWeights(), options.Integer("order")),
        },
        new()
        {
            Id = "deis-rhoab",
            Name = "DEIS ρAB (iPNDM_v)",
            Aliases = ["rhoab-deis", "deis_rhoab", "ipndm_v", "ipndm-v"],
            Source = "Zhang & Chen 2023, arXiv:2204.13902, ρAB-DEIS",
            Order = 4,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Options = [_adamsOrder],
            Create = options => new AdamsBashforthSampler(new RhoWeights(), options.Integer("order")),
        },
        new()
        {
            Id = "ipndm",
            Name = "iPNDM",
            Aliases = ["IPNDMScheduler"],
            Source = "Liu et al. 2022, arXiv:2202.09778, with the lower-order start of Zhang & Chen 2023, arXiv:2204.13902",
            // The fixed weights are of order 4 on grids uniform in σ/α only.
            Order = 2,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Options = [_adamsOrder],
            Create = options => new AdamsBashforthSampler(new IpndmWeights(), options.Integer("order")),
        },
        new()
        {
            Id = "accelerated-ddim",
            Name = "Accelerated DDIM",
            Source = "Li et al. 2024, arXiv:2403.03852, deterministic sampler",
            Order = 2,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Create = _ => new AdamsBashforthSampler(new AcceleratedDdimWeights(), 2),
        },
        new()
        {
            Id = "accelerated-ddpm",
            Name = "Accelerated DDPM",
            Source = "Li et al. 2024, arXiv:2403.03852, stochastic sampler",
            Order = 2,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            Create = _ => new AcceleratedDdpm(),
        },
        new()
        {
            Id = "res-multistep",
            Name = "RES multistep",
            Aliases = ["res_multistep", "RES"],
            Source = "Zhang, Song & Chen 2023, arXiv:2308.02157",
            Order = 2,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Create = _ => new ResMultistep(),
        },
        new()
        {
            Id = "sa-solver",
            Name = "SA-Solver",
            Aliases = ["SASolverScheduler", "sa_solver"],
            Source = "Xue et al. 2023, arXiv:2309.05019",
            Order = 2,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            NeedsHistory = true,
            Options =
            [
                new("predictor_order", "Predictions that the predictor combines.", 2.0) { Minimum = 1, Maximum = 4, IsInteger = true },
                new("corrector_order", "Predictions that the corrector combines, the new one included; 0 is no corrector.", 2.0) { Minimum = 0, Maximum = 4, IsInteger = true },
                new("tau", "Strength of the injected noise: 0 is deterministic, 1 the reverse diffusion.", 1.0) { Minimum = 0, Maximum = 10 },
                new("tau_sigma_min", "No noise is injected in steps that start below this σ/α.", 0.05) { Minimum = 0 },
                new("tau_sigma_max", "No noise is injected in steps that start above this σ/α.", 50.0) { Minimum = 0 },
            ],
            Create = options => new SaSolver(new(
                options.Integer("predictor_order"), options.Integer("corrector_order"), options.Number("tau"),
                options.Number("tau_sigma_min"), options.Number("tau_sigma_max"))),
        },
        new()
        {
            Id = "er-sde",
            Name = "ER-SDE-Solver",
            Aliases = ["er_sde", "ER SDE"],
            Source = "Cui et al. 2023, arXiv:2309.06169",
            Order = 2,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            NeedsHistory = true,
            Options = [new("max_stage", "Terms used: the prediction, its first and its second difference.", 3.0) { Minimum = 1, Maximum = 3, IsInteger = true }],
            Create = options => new ErSde(options.Integer("max_stage")),
        },
        new()
        {
            Id = "dualfast",
            Name = "DualFast",
            Source = "Yu et al. 2025, arXiv:2506.13058; its c_t is not published",
            Order = 2,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Options =
            [
                new("c_max", "Weight of the correction in the last step, growing linearly from 0 in the first; 0 is the plain solver.", 0.0) { Minimum = 0, Maximum = 1 },
                new("order", "Order of the solver that is corrected: 1 is DDIM, 2 is DPM-Solver++(2M).", 2.0) { Minimum = 1, Maximum = 2, IsInteger = true },
            ],
            Create = options => new DualFast(options.Number("c_max"), options.Integer("order")),
        },
    ];
}
