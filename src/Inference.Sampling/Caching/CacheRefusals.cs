namespace Inference.Sampling;

/// <summary>Where caching makes no sense: its predictions follow one trajectory, step after step.</summary>
internal static class CacheRefusals
{
    /// <exception cref="SamplingOptionException">The policy cannot be used; the message names it and the reason.</exception>
    public static void Check(CachePolicyDescriptor policy, SamplingPlan sampling, FewStepModel? fewStep)
    {
        var sampler = sampling.Sampler;
        if (fewStep is not null)
            throw Refused($"a few-step model ({fewStep.Name}): each of its steps predicts the data anew, so that none follows from the last");
        if (sampler.Order == 0)
            throw Refused($"sampler '{sampler.Id}', a rule of few-step models: each of its steps predicts the data anew");
        if (sampler.EvaluationsPerStep == 0)
            throw Refused($"sampler '{sampler.Id}', which chooses its steps itself: a step that is tried twice or taken back has no place in the history");

        if (sampler.TakesOwnSteps)
            throw Refused($"sampler '{sampler.Id}', whose steps span several of the trajectory's");

        SamplingOptionException Refused(string what) => new("cache", $"Cache policy '{policy.Id}' cannot be used with {what}. Leave 'cache' out.");
    }
}
