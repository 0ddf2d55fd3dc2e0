using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The diffusers scheduler classes that are understood.</summary>
internal static class DiffusersSchedulers
{
    private static readonly ImmutableArray<IDiffusersScheduler> _all =
    [
        new DdimScheduler(),
        new DdpmScheduler(),
        new PndmScheduler(),
        new LcmScheduler("LCMScheduler", "lcm"),
        new LcmScheduler("TCDScheduler", "tcd"),
        new EulerScheduler(),
        new EulerAncestralScheduler(),
        new HeunScheduler(),
        new LmsScheduler(),
        new Kdpm2Scheduler("KDPM2DiscreteScheduler", "dpm2"),
        new Kdpm2Scheduler("KDPM2AncestralDiscreteScheduler", "dpm2-a"),
        new DpmMultistepScheduler(),
        new DpmSinglestepScheduler(),
        new DeisScheduler(),
        new UniPcScheduler(),
        new FlowMatchEulerScheduler(),
        new FlowMatchHeunScheduler(),
        new EdmEulerScheduler(),
        new EdmDpmScheduler(),
        new ScmScheduler(),
        new RcmScheduler(),
        new Dmd2Scheduler(),
    ];

    public static IEnumerable<string> ClassNames => _all.Select(scheduler => scheduler.ClassName).Order();

    /// <summary>The class of a name, matched without regard to case; null if there is none.</summary>
    public static IDiffusersScheduler? Find(string className) =>
        _all.FirstOrDefault(scheduler => string.Equals(scheduler.ClassName, className, StringComparison.OrdinalIgnoreCase));
}
