namespace Inference.Sampling;

/// <summary>Where taking steps side by side makes no sense.</summary>
internal static class ParallelRefusals
{
    /// <exception cref="SamplingOptionException">The method cannot be used; the message names it, the reason and what can be done.</exception>
    public static void Check(ParallelMethodDescriptor method, SamplingPlan sampling, GuidanceOptions guidance, bool hasConsistencyModel)
    {
        var sampler = sampling.Sampler;
        if (method.Sampler is { } only && sampler.Id != only)
            throw Refused($"sampler '{sampler.Id}': its steps are those of '{only}'");
        if (method.Sampler is null && !(sampler.AllowsParallelWindow && sampling.Unclipped is ISingleStep))
            throw Refused($"sampler '{sampler.Id}', {Why(sampler)}. Samplers that can: {string.Join(", ", method.Samplers)}"
                + (sampler.Id == "dpmpp-2m" ? "; method 'para-dpmsolver' is made for this one" : ""));
        var step = (ISingleStep)sampling.Unclipped;
        if (method.Sampler is null && step.WhyNotAlone is { } reason)
            throw Refused($"these options of sampler '{sampler.Id}': {reason}");
        if (!method.AllowsNoise && sampling.Trajectory.Steps.FirstOrDefault(candidate => step.Deviation(candidate) > 0) != default)
            throw Refused($"sampler '{sampler.Id}' when it adds noise (eta above 0 and stochastic samplers): its coarse jumps have none");
        if (guidance.AdaptiveThreshold is not null)
            throw Refused("guidance_adaptive_threshold, which looks at the steps in their order");
        if (method.NeedsConsistencyModel && !hasConsistencyModel)
            throw Refused("this model, which comes without a consistency model (picard_consistency in its model_index.json)");

        SamplingOptionException Refused(string what) => new("parallel", $"Parallel method '{method.Id}' cannot be used with {what}. Choose another, or leave 'parallel' out.");
    }

    private static string Why(SamplerDescriptor sampler) =>
        sampler.NeedsHistory ? "which needs the history of its steps"
        : sampler.TakesOwnSteps ? "whose steps span several of the trajectory's"
        : sampler.EvaluationsPerStep == 0 ? "which chooses its steps itself"
        : sampler.EvaluationsPerStep > 1 ? "whose steps have several evaluations, one after the other"
        : "whose steps cannot be taken one by one";
}
