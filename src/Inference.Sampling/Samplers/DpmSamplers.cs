using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>DPM-Solver and DPM-Solver++ as diffusers arranges them, by order, form and equation.</summary>
internal static class DpmSamplers
{
    private const string PlusPlus = "Lu et al. 2022, arXiv:2211.01095";
    private const string Original = "Lu et al. 2022, arXiv:2206.00927";

    private static readonly SamplerOption _formula =
        new("solver_type", "The second-order formula.", "midpoint") { Allowed = ["midpoint", "heun"] };

    private static readonly SamplerOption _eulerAtFinal =
        new("euler_at_final", "First order in the last step.", false);

    private static readonly SamplerOption _consistent =
        new("consistent_third_order", "Counts the second difference fully: order 3. Off is the published code, of order 2.", false);

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        .. from algorithm in (string[])["dpmsolver++", "sde-dpmsolver++", "dpmsolver", "sde-dpmsolver"]
           from order in (int[])[1, 2, 3]
           where order < 3 || algorithm != "sde-dpmsolver"
           select Multistep(algorithm, order),
        .. from algorithm in (string[])["dpmsolver++", "sde-dpmsolver++", "dpmsolver"]
           from order in (int[])[1, 2, 3]
           select Singlestep(algorithm, order),
    ];

    private static SamplerDescriptor Multistep(string algorithm, int order)
    {
        var descriptor = Common(algorithm, order, "m", Create) with
        {
            NeedsHistory = order > 1,
            AllowsParallelWindow = order == 1,
            Scheduler = "DPMSolverMultistepScheduler",
            Processes = algorithm.EndsWith("++", StringComparison.Ordinal)
                ? [NoiseProcess.VariancePreserving, NoiseProcess.Flow, NoiseProcess.Edm]
                : [NoiseProcess.VariancePreserving, NoiseProcess.Flow],
            Options =
            [
                _formula, CommonOptions.LowerOrderFinal, _eulerAtFinal, CommonOptions.FinalSigmas,
                .. order == 3 ? (SamplerOption[])[_consistent] : [],
            ],
        };
        return (algorithm, order) switch
        {
            ("dpmsolver++", 2) => descriptor with
            {
                Aliases = ["DPMSolverMultistepScheduler", "EDMDPMSolverMultistepScheduler", "DPM++ 2M", "dpmpp_2m", "sample_dpmpp_2m", new("DPM++ 2M Karras", "karras")],
            },
            ("dpmsolver++", 3) => descriptor with { Aliases = ["DPM++ 3M", "dpmpp_3m"], Order = 2 },
            ("dpmsolver", 3) => descriptor with { Order = 2 },
            _ => descriptor,
        };

        ISampler Create(SamplerOptionValues options) => new DpmSolverMultistep(Options(algorithm, order, options) with
        {
            EulerAtFinal = options.Flag("euler_at_final"),
            ConsistentThirdOrder = order == 3 && options.Flag("consistent_third_order"),
        });
    }

    private static SamplerDescriptor Singlestep(string algorithm, int order)
    {
        var descriptor = Common(algorithm, order, "s", options => new DpmSolverSinglestep(Options(algorithm, order, options))) with
        {
            NeedsHistory = order > 1,
            Scheduler = "DPMSolverSinglestepScheduler",
            Processes = [NoiseProcess.VariancePreserving, NoiseProcess.Flow],
            Options = [_formula, CommonOptions.LowerOrderFinal with { Default = false }, CommonOptions.FinalSigmas],
        };
        return (algorithm, order) switch
        {
            ("dpmsolver++", 2) => descriptor with { Aliases = ["DPMSolverSinglestepScheduler", "DPM++ 2S", "dpmpp_2s"] },
            ("dpmsolver", 2) => descriptor with { Aliases = ["dpm-singlestep"] },
            _ => descriptor,
        };
    }

    private static SamplerDescriptor Common(string algorithm, int order, string kind, Func<SamplerOptionValues, ISampler> create)
    {
        var isData = algorithm.EndsWith("++", StringComparison.Ordinal);
        var isStochastic = algorithm.StartsWith("sde", StringComparison.Ordinal);
        var settings = ImmutableDictionary<string, object>.Empty.Add("algorithm_type", algorithm).Add("solver_order", (double)order);
        return new()
        {
            Id = $"{(isStochastic ? "sde-" : "")}dpm{(isData ? "pp" : "")}-{order}{kind}",
            Name = $"{(isStochastic ? "SDE-" : "")}DPM-Solver{(isData ? "++" : "")}({order}{kind.ToUpperInvariant()})",
            Source = (isData ? PlusPlus : Original) + (kind == "m" ? "; diffusers, DPMSolverMultistepScheduler" : "; diffusers, DPMSolverSinglestepScheduler"),
            Order = isStochastic ? 1 : order,
            EvaluationsPerStep = 1,
            IsStochastic = isStochastic,
            // The noise forms have no limit at clean data.
            Settings = isData ? settings : settings.Add("final_sigmas_type", "sigma_min"),
            Create = create,
        };
    }

    private static DpmSolverOptions Options(string algorithm, int order, SamplerOptionValues options) => new()
    {
        Order = order,
        Form = algorithm.EndsWith("++", StringComparison.Ordinal) ? DpmForm.Data : DpmForm.Noise,
        IsStochastic = algorithm.StartsWith("sde", StringComparison.Ordinal),
        Formula = options.Text("solver_type") == "heun" ? DpmFormula.Heun : DpmFormula.Midpoint,
        LowerOrderFinal = options.Flag("lower_order_final"),
    };
}
