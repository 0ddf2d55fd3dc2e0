namespace Inference.Sampling;

/// <summary>
/// A model distilled to sample in a few steps, as its scheduler class says. Each step predicts the data anew: predictions of earlier steps lie on
/// another trajectory, so that methods which combine them are refused, and rules of guidance that look along the trajectory with them.
/// </summary>
/// <param name="Name">Name of the method: LCM, TCD, DMD2, sCM, rCM.</param>
/// <param name="HasUnconditionalBranch">Whether the model can be evaluated without its prompt; otherwise guidance was distilled into it.</param>
public sealed record FewStepModel(string Name, bool HasUnconditionalBranch)
{
    /// <exception cref="SamplingOptionException">The guidance makes no sense for the model.</exception>
    internal void Check(GuidanceOptions guidance)
    {
        if (!HasUnconditionalBranch && guidance.Scale != 1)
            throw new SamplingOptionException("guidance_scale",
                $"guidance_scale must be 1 (off): {Name} models have guidance distilled into them and no unconditional branch.");
        Refuse(guidance.Rescale != 0, "guidance_rescale");
        Refuse(guidance.Interval is not null, "guidance_interval");
        Refuse(guidance.AdaptiveThreshold is not null, "guidance_adaptive_threshold");
    }

    /// <summary>Whether a sampler makes sense for the model.</summary>
    internal static bool Allows(SamplerDescriptor sampler) => !sampler.NeedsHistory;

    private void Refuse(bool isSet, string parameter)
    {
        if (isSet)
            throw new SamplingOptionException(parameter, $"{parameter} cannot be used with a few-step model ({Name}): leave it out.");
    }
}
