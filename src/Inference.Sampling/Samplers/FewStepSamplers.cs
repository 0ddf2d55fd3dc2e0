using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Descriptors of the rules by which distilled models sample: one update, <see cref="RenoisedPrediction"/>, on the levels of each kind of model.</summary>
internal static class FewStepSamplers
{
    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        FewStep("scm", "sCM", "SCMScheduler", NoiseProcess.TrigFlow, "Lu & Song 2024, arXiv:2410.11081, on TrigFlow levels") with
        {
            Options =
            [
                new("max_timesteps", "The first angle, in radians; π/2 is pure noise.", ScmScheduler.MaximumAngle) { Minimum = double.Epsilon, Maximum = ScmScheduler.MaximumAngle },
                new("intermediate_timesteps", "The angle between the two steps of a run of two, in radians.", 1.3) { Minimum = double.Epsilon, Maximum = ScmScheduler.MaximumAngle },
            ],
        },
        FewStep("rcm", "rCM", "RCMScheduler", NoiseProcess.Flow, "Zheng et al. 2025, arXiv:2510.08431, on flow levels"),
        FewStep("dmd2", "DMD2", "DMD2Scheduler", NoiseProcess.VariancePreserving, "Yin et al. 2024, arXiv:2405.14867, section 4.4"),
    ];

    // The scheduler class gives the levels; the rule is the same.
    private static SamplerDescriptor FewStep(string id, string name, string scheduler, NoiseProcess process, string source) => new()
    {
        Id = id,
        Name = name,
        Aliases = [scheduler],
        Source = source,
        Order = 0,
        EvaluationsPerStep = 1,
        IsStochastic = true,
        Scheduler = scheduler,
        Processes = [process],
        Create = _ => new RenoisedPrediction(),
    };
}
