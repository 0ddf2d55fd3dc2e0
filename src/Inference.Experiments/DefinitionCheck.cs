namespace Inference.Experiments;

/// <summary>One thing that is wrong with a definition.</summary>
/// <param name="Field">Where, as requests spell it.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record DefinitionProblem(string Field, string Message);

/// <summary>Checks definitions; what the options of the arms mean is up to whoever runs them.</summary>
public static class DefinitionCheck
{
    public const int LeastArms = 2;
    public const int MostArms = 16;
    public const int MostResults = 1_000_000;
    public const int MostName = 200;
    public const int MostArmName = 64;

    /// <summary>Everything that is wrong; empty when nothing is.</summary>
    public static IEnumerable<DefinitionProblem> Problems(ExperimentDefinition definition)
    {
        if (string.IsNullOrWhiteSpace(definition.Name) || definition.Name.Length > MostName)
            yield return new("name", $"'name' must have from 1 to {MostName} characters.");
        var arms = definition.Arms;
        if (arms.Count is < LeastArms or > MostArms)
            yield return new("arms", $"'arms' must have from {LeastArms} to {MostArms} arms, not {arms.Count}.");
        else
            for (var i = 0; i < arms.Count; i++)
            {
                if (!IsName(arms[i].Name))
                    yield return new($"arms[{i}].name", $"'arms[{i}].name' must have from 1 to {MostArmName} of the characters A to Z, a to z, 0 to 9, '.', '_' and '-'.");
                else if (arms.Take(i).Any(arm => arm.Name == arms[i].Name))
                    yield return new($"arms[{i}].name", $"'arms[{i}].name' is the name of an earlier arm: {arms[i].Name}.");
                if (!(double.IsFinite(arms[i].Weight) && arms[i].Weight > 0))
                    yield return new($"arms[{i}].weight", $"'arms[{i}].weight' must be a finite number above 0.");
            }
        if (!(definition.DefaultShare is >= 0 and <= 1))
            yield return new("default_share", "'default_share' must be from 0 to 1.");
        if (!(definition.Pairing.Share is > 0 and <= 1))
            yield return new("pairing.share", "'pairing.share' must be above 0 and at most 1.");
        var stop = definition.Stop;
        if (!(stop.Alpha is >= 0.001 and <= 0.5))
            yield return new("stop.alpha", "'stop.alpha' must be from 0.001 to 0.5.");
        if (stop.MinResults is < ConfidenceSequence.LeastCount or > MostResults)
            yield return new("stop.min_results", $"'stop.min_results' must be from {ConfidenceSequence.LeastCount} to {MostResults}.");
        if (stop.MaxResults < stop.MinResults || stop.MaxResults > MostResults)
            yield return new("stop.max_results", $"'stop.max_results' must be from 'stop.min_results' ({stop.MinResults}) to {MostResults}.");
    }

    private static bool IsName(string name) => name.Length is >= 1 and <= MostArmName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
