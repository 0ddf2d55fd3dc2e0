using MathNet.Numerics.Distributions;

namespace Inference.Experiments;

/// <summary>What must be known before the numbers are.</summary>
internal static class ReportWarnings
{
    // Under the assumption that all is well one experiment in a thousand is warned about (Fabijan et al. 2019, KDD, section 3).
    private const double MismatchAlpha = 0.001;

    public static IReadOnlyList<string> Of(ExperimentDefinition definition, IReadOnlyList<ArmSummary> arms)
    {
        var warnings = new List<string>();
        var total = arms.Sum(arm => arm.Results);
        if (total == 0)
        {
            warnings.Add("There are no results yet.");
            return warnings;
        }
        foreach (var arm in arms.Where(arm => arm.Results < definition.Stop.MinResults))
            warnings.Add($"Arm '{definition.Arms[arm.Arm].Name}' has {arm.Results} results; below {definition.Stop.MinResults} nothing is decided.");
        if (definition.Pairing.Enabled)
            foreach (var arm in arms.Where(arm => arm.Arm != definition.Reference && arm.Pairs < ConfidenceSequence.LeastCount))
                warnings.Add($"Arm '{definition.Arms[arm.Arm].Name}' has {arm.Pairs} pairs; below {ConfidenceSequence.LeastCount} paired differences have no always-valid interval.");
        if (definition.Sticky == StickyKey.User)
            foreach (var arm in arms.Where(arm => arm.Results > 0 && arm.Units < ConfidenceSequence.LeastCount))
                warnings.Add($"The results of arm '{definition.Arms[arm.Arm].Name}' are of {arm.Units} users; a user's results count as one observation.");
        if (Mismatch(definition, arms) is { } mismatch)
            warnings.Add(mismatch);
        return warnings;
    }

    // Counts that do not follow the weights say that assignment or recording is broken: units by a normal approximation of each arm's count.
    private static string? Mismatch(ExperimentDefinition definition, IReadOnlyList<ArmSummary> arms)
    {
        var (units, weight) = (arms.Sum(arm => arm.Units), definition.Arms.Sum(arm => arm.Weight));
        var limit = Normal.InvCDF(0, 1, 1 - MismatchAlpha / 2 / arms.Count);
        foreach (var arm in arms)
        {
            var share = definition.Arms[arm.Arm].Weight / weight;
            if (units * share * (1 - share) >= 10 && Math.Abs(arm.Units - units * share) > limit * Math.Sqrt(units * share * (1 - share)))
                return FormattableString.Invariant($"Arm '{definition.Arms[arm.Arm].Name}' has {arm.Units} of {units} assigned users or requests where its weight asks for {share * 100:0.#} %: something loses results of one arm, and the comparison cannot be trusted.");
        }
        return null;
    }
}
