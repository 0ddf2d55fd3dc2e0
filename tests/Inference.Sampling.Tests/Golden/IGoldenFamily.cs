namespace Inference.Sampling.Tests;

/// <summary>Runs the cases of one family of golden files.</summary>
internal interface IGoldenFamily
{
    /// <summary>Value of <c>family</c> in the file.</summary>
    string Family { get; }

    /// <summary>Runs one case; throws when it cannot be run or differs.</summary>
    Task RunAsync(GoldenCase @case);
}

/// <summary>The families that are known. A sampler file of another family fails.</summary>
internal static class GoldenFamilies
{
    /// <summary>Files that are not trajectories of one sampler; they have tests of their own.</summary>
    public static IReadOnlySet<string> OfOtherTests { get; } = new HashSet<string> { "exact", "convergence", "randn", "schedules" };

    private static readonly IGoldenFamily[] _all =
    [
        .. DiffusersGoldenFamily.All,
        new KDiffusionGoldenFamily(),
        new DpmSolverGoldenFamily(),
        new ParadigmsGoldenFamily(),
    ];

    public static IGoldenFamily Get(string family) => _all.FirstOrDefault(known => known.Family == family)
        ?? throw new NotSupportedException($"There is no runner for golden family '{family}'.");
}
