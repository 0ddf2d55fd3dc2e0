using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Euler, Heun, DPM2 and LMS.</summary>
internal static class SigmaSpaceSamplers
{
    private const string Edm = "Karras et al. 2022, arXiv:2206.00364";

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        new()
        {
            Id = "euler",
            Name = "Euler",
            Aliases = ["EulerDiscreteScheduler", "FlowMatchEulerDiscreteScheduler", "EDMEulerScheduler", "edm-euler", "flow-euler", "sample_euler", new("Euler Karras", "karras")],
            Source = $"{Edm}, Algorithm 2 without the correction",
            Order = 1,
            EvaluationsPerStep = 1,
            AllowsParallelWindow = true,
            Options = CommonOptions.Churn,
            Create = options => new Euler(CommonOptions.ChurnOf(options), options.Prediction),
        },
        new()
        {
            Id = "flow-sde",
            Name = "Euler, stochastic",
            Aliases = ["FlowMatchEulerDiscreteScheduler stochastic"],
            Source = "diffusers, FlowMatchEulerDiscreteScheduler with stochastic_sampling",
            Order = 0,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            Scheduler = "FlowMatchEulerDiscreteScheduler",
            Settings = ImmutableDictionary<string, object>.Empty.Add("stochastic_sampling", true),
            Processes = [NoiseProcess.Flow],
            Create = _ => new RenoisedPrediction(),
        },
        new()
        {
            Id = "euler-a",
            Name = "Euler ancestral",
            Aliases = ["EulerAncestralDiscreteScheduler", "sample_euler_ancestral", "Euler a", "euler_ancestral"],
            Source = "k-diffusion, sample_euler_ancestral",
            Order = 1,
            EvaluationsPerStep = 1,
            IsStochastic = true,
            Scheduler = "EulerAncestralDiscreteScheduler",
            Options = CommonOptions.Ancestral,
            Create = options => new EulerAncestral(CommonOptions.AncestralOf(options)),
        },
        new()
        {
            Id = "heun",
            Name = "Heun",
            Aliases = ["HeunDiscreteScheduler", "FlowMatchHeunDiscreteScheduler", "flow-heun", "sample_heun", new("Heun Karras", "karras")],
            Source = $"{Edm}, Algorithm 2",
            Order = 2,
            EvaluationsPerStep = 2,
            Scheduler = "HeunDiscreteScheduler",
            Options = CommonOptions.Churn,
            Evaluations = CommonOptions.TwoStages,
            Create = options => new Heun(CommonOptions.ChurnOf(options)),
        },
        new()
        {
            Id = "dpm2",
            Name = "DPM2",
            Aliases = ["KDPM2DiscreteScheduler", "kdpm2", "sample_dpm_2", "dpm_2", new("DPM2 Karras", "karras")],
            Source = $"k-diffusion, sample_dpm_2, after {Edm} and arXiv:2206.00927",
            Order = 2,
            EvaluationsPerStep = 2,
            Scheduler = "KDPM2DiscreteScheduler",
            Options = CommonOptions.Churn,
            Evaluations = CommonOptions.TwoStagesFromFiniteKappa,
            Create = options => new Kdpm2(CommonOptions.ChurnOf(options)),
        },
        new()
        {
            Id = "dpm2-a",
            Name = "DPM2 ancestral",
            Aliases = ["KDPM2AncestralDiscreteScheduler", "sample_dpm_2_ancestral", "DPM2 a", "dpm_2_ancestral", new("DPM2 a Karras", "karras")],
            Source = "k-diffusion, sample_dpm_2_ancestral",
            Order = 2,
            EvaluationsPerStep = 2,
            IsStochastic = true,
            Scheduler = "KDPM2AncestralDiscreteScheduler",
            Options = CommonOptions.TwoStageAncestral,
            Evaluations = CommonOptions.TwoStagesFromFiniteKappa,
            Create = options => new Kdpm2Ancestral(CommonOptions.AncestralOf(options)),
        },
        new()
        {
            Id = "lms",
            Name = "Linear multistep",
            Aliases = ["LMSDiscreteScheduler", "sample_lms", new("LMS Karras", "karras")],
            Source = "k-diffusion, sample_lms (Adams-Bashforth on a non-uniform grid)",
            Order = 4,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Scheduler = "LMSDiscreteScheduler",
            Options = [new("order", "Number of slopes combined.", 4.0) { Minimum = 1, Maximum = Lms.MaximumOrder, IsInteger = true }],
            Create = options => new Lms(options.Integer("order")),
        },
    ];
}
