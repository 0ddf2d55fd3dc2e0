using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The DPM-Solver samplers that k-diffusion has and diffusers lacks, and the singlestep and adaptive ones of the DPM-Solver authors.</summary>
internal static class KDiffusionSamplers
{
    private const string PlusPlus = "Lu et al. 2022, arXiv:2211.01095";
    private const string Original = "Lu et al. 2022, arXiv:2206.00927";

    // Solvers that integrate over λ alone cannot start from the pure noise that flow models start from.
    private static readonly ImmutableArray<NoiseProcess> _finiteStart = [NoiseProcess.VariancePreserving, NoiseProcess.Edm];

    private static readonly SamplerOption _formula =
        new("solver_type", "The formula of the higher orders: the papers' own (midpoint) or the full Taylor polynomial (heun).", "midpoint") { Allowed = ["midpoint", "heun"] };

    private static readonly SamplerOption _algorithm =
        new("algorithm_type", "Whether predicted data (dpmsolver++) or predicted noise (dpmsolver) is integrated.", "dpmsolver++") { Allowed = ["dpmsolver++", "dpmsolver"] };

    private static readonly ImmutableArray<SamplerOption> _tolerances =
    [
        new("order", "The higher of the two orders that are compared; evaluations an attempted step.", 3.0) { Minimum = 2, Maximum = 3, IsInteger = true },
        new("rtol", "Error allowed relative to the values.", 0.05) { Minimum = 1e-6 },
        new("atol", "Error allowed in any case, in units of the latent.", 0.0078) { Minimum = 1e-9 },
        new("h_init", "First step in half log signal-to-noise ratio.", 0.05) { Minimum = 1e-6 },
        new("max_attempts", "Attempted steps after which the run is given up.", 1000.0) { Minimum = 1, Maximum = 100_000, IsInteger = true },
    ];

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        new()
        {
            Id = "dpmpp-2s-a",
            Name = "DPM-Solver++(2S) ancestral",
            Aliases = ["sample_dpmpp_2s_ancestral", "dpmpp_2s_ancestral", "DPM++ 2S a", new("DPM++ 2S a Karras", "karras")],
            Source = $"{PlusPlus}, Algorithm 1; k-diffusion, sample_dpmpp_2s_ancestral",
            Order = 1,
            EvaluationsPerStep = 2,
            IsStochastic = true,
            Options = CommonOptions.TwoStageAncestral,
            Evaluations = CommonOptions.TwoStagesFromFiniteKappa,
            Create = options => new DpmSolverPlusPlus2SAncestral(CommonOptions.AncestralOf(options)),
        },
        new()
        {
            Id = "dpmpp-sde",
            Name = "DPM-Solver++ SDE",
            Aliases = ["sample_dpmpp_sde", "dpmpp_sde", "DPM++ SDE", new("DPM++ SDE Karras", "karras")],
            Source = $"k-diffusion, sample_dpmpp_sde, after {PlusPlus}",
            Order = 1,
            EvaluationsPerStep = 2,
            IsStochastic = true,
            Options = [.. CommonOptions.Ancestral, new("r", "Place of the second evaluation within the step.", 0.5) { Minimum = 0.01, Maximum = 1 }],
            Evaluations = CommonOptions.TwoStagesFromFiniteKappa,
            Create = options => new DpmSolverPlusPlusSde(
                new() { Eta = options.Number("eta"), NoiseScale = options.Number("s_noise"), MiddleRatio = options.Number("r") }),
        },
        new()
        {
            Id = "dpmpp-2m-sde",
            Name = "DPM-Solver++(2M) SDE",
            Aliases =
            [
                "sample_dpmpp_2m_sde", "dpmpp_2m_sde", "DPM++ 2M SDE", new("DPM++ 2M SDE Karras", "karras"), new("DPM++ 2M SDE Exponential", "exponential"),
            ],
            Source = $"k-diffusion, sample_dpmpp_2m_sde, after {PlusPlus}, Algorithm 2",
            Order = 1,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            NeedsHistory = true,
            Options = [.. CommonOptions.Ancestral, _formula],
            Create = options => new DpmSolverPlusPlus2MSde(CommonOptions.AncestralOf(options), Formula(options)),
        },
        new()
        {
            Id = "dpmpp-3m-sde",
            Name = "DPM-Solver++(3M) SDE",
            Aliases =
            [
                "sample_dpmpp_3m_sde", "dpmpp_3m_sde", "DPM++ 3M SDE", new("DPM++ 3M SDE Karras", "karras"), new("DPM++ 3M SDE Exponential", "exponential"),
            ],
            Source = $"k-diffusion, sample_dpmpp_3m_sde, after {PlusPlus}",
            Order = 1,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            NeedsHistory = true,
            Options = CommonOptions.Ancestral,
            Create = options => new DpmSolverPlusPlus3MSde(CommonOptions.AncestralOf(options)),
        },
        new()
        {
            Id = "dpm-fast",
            Name = "DPM-Solver-fast",
            Aliases = ["sample_dpm_fast", "dpm_fast"],
            Source = $"{Original}, section 3.4; k-diffusion, sample_dpm_fast",
            Order = 2,
            EvaluationsPerStep = 1,
            TakesOwnSteps = true,
            IsStochastic = true,
            Processes = _finiteStart,
            Options = [CommonOptions.Ancestral[0] with { Default = 0.0 }, CommonOptions.Ancestral[1]],
            Create = options => new DenoiseToZero(new DpmFast(CommonOptions.AncestralOf(options))),
        },
        new()
        {
            Id = "dpm-adaptive",
            Name = "DPM-Solver with adaptive steps",
            Aliases = ["sample_dpm_adaptive", "dpm_adaptive"],
            Source = $"{Original}, appendix C; k-diffusion, sample_dpm_adaptive",
            Order = 3,
            EvaluationsPerStep = 0,
            IsStochastic = true,
            Processes = _finiteStart,
            Options =
            [
                .. _tolerances, CommonOptions.Ancestral[0] with { Default = 0.0 }, CommonOptions.Ancestral[1],
                new("pcoeff", "Proportional coefficient of the step size control.", 0.0),
                new("icoeff", "Integral coefficient of the step size control.", 1.0),
                new("dcoeff", "Differential coefficient of the step size control.", 0.0),
                new("accept_safety", "Least change of the step size at which a step is accepted.", 0.81) { Minimum = 0.01, Maximum = 1 },
            ],
            Create = options => new DenoiseToZero(new DpmAdaptive(new()
            {
                Order = options.Integer("order"),
                RelativeTolerance = options.Number("rtol"),
                AbsoluteTolerance = options.Number("atol"),
                MaximumAttempts = options.Integer("max_attempts"),
                Noise = CommonOptions.AncestralOf(options),
                StepSize = new()
                {
                    InitialStep = options.Number("h_init"),
                    Proportional = options.Number("pcoeff"),
                    Integral = options.Number("icoeff"),
                    Differential = options.Number("dcoeff"),
                    AcceptSafety = options.Number("accept_safety"),
                },
            })),
        },
        new()
        {
            Id = "dpm-solver-adaptive",
            Name = "DPM-Solver-12 and -23",
            Source = $"{Original}, appendix C; the authors' code",
            Order = 3,
            EvaluationsPerStep = 0,
            Processes = _finiteStart,
            Options = [.. _tolerances, _algorithm, _formula, new("theta", "How much shorter steps are than the error estimate allows.", 0.9) { Minimum = 0.01, Maximum = 1 }],
            Create = options => new DenoiseToZero(new OriginalDpmAdaptive(new()
            {
                Form = FormOf(options),
                Formula = Formula(options),
                Order = options.Integer("order"),
                RelativeTolerance = options.Number("rtol"),
                AbsoluteTolerance = options.Number("atol"),
                InitialStep = options.Number("h_init"),
                Safety = options.Number("theta"),
                MaximumAttempts = options.Integer("max_attempts"),
            })),
        },
        new()
        {
            Id = "dpm-solver-singlestep",
            Name = "Singlestep DPM-Solver",
            Source = $"{Original}, section 3.4, and {PlusPlus}, Algorithm 1; the authors' code",
            Order = 2,
            EvaluationsPerStep = 1,
            Processes = _finiteStart,
            Options =
            [
                new("order", "Largest order of a step; it takes as many evaluations.", 3.0) { Minimum = 1, Maximum = DpmSolverOptions.MaximumOrder, IsInteger = true },
                _algorithm, _formula,
            ],
            Create = options => new DenoiseToZero(new OriginalDpmSinglestep(
                new() { Form = FormOf(options), Formula = Formula(options), Order = options.Integer("order"), Orders = SinglestepOrders.Fast })),
        },
    ];

    private static DpmForm FormOf(SamplerOptionValues options) => options.Text("algorithm_type") == "dpmsolver" ? DpmForm.Noise : DpmForm.Data;

    private static DpmFormula Formula(SamplerOptionValues options) => options.Text("solver_type") == "heun" ? DpmFormula.Heun : DpmFormula.Midpoint;
}
