using System.Collections.Immutable;

namespace Inference.Pipelines;

/// <summary>What a request should know about its prompts.</summary>
internal static class PromptWarnings
{
    /// <summary>One warning for each prompt and number of tokens that was cut off, and for each field that has no effect.</summary>
    public static IReadOnlyList<string> Of(GenerationRequest request, PromptRules rules, Conditions conditions)
    {
        var warnings = new List<string>();
        Truncation(conditions.Tokens, warnings);
        if (rules.NoGuidance is { } reason && request.GuidanceScale is not (null or 0 or 1))
            warnings.Add($"'guidance_scale' has no effect: {reason}");
        if (request.NegativePrompt is not null && conditions.Unconditional is null)
            warnings.Add("'negative_prompt' has no effect without guidance: 'guidance_scale' must be above 1.");
        return warnings;
    }

    private static void Truncation(ImmutableArray<ConditionTokens> tokens, List<string> warnings)
    {
        foreach (var prompt in tokens.GroupBy(entry => entry.Parameter))
        {
            var cut = prompt.Where(entry => entry.Row.Truncated).ToArray();
            // Where only some of a model's encoders cut the prompt off, which ones matters.
            var whom = cut.Length == prompt.Count() ? "the model" : string.Join(" and ", cut.Select(entry => entry.Component));
            foreach (var length in cut.Select(entry => entry.Row.Length).Distinct())
                warnings.Add($"'{prompt.Key}' is longer than {whom} reads: only its first {length} tokens were used.");
        }
    }
}
