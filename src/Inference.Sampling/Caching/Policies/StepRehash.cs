namespace Inference.Sampling;

/// <summary>
/// Reuse of whole steps by measured similarity, in the way of Step Rehash (arXiv:2411.01171): a step whose output resembles that of the last full one is
/// that one. Similarities are cosines between the outputs of neighbouring steps, calibrated for the model; the angle between two steps is at most the
/// sum of the angles between, so a step is skipped while the cosine of that sum is at least the threshold. Which steps are full is known beforehand.
/// </summary>
internal static class StepRehash
{
    public static CachePolicyDescriptor Descriptor { get; } = new(Plan)
    {
        Id = "step_rehash",
        Name = "Step Rehash",
        Aliases = ["step-rehash"],
        Source = "arXiv:2411.01171, step rehash; without its operator slicing",
        Options =
        [
            new("threshold", "Cosine to the last full step's output down to which a step is skipped; 1 skips none.", 0.99) { Minimum = -1, Maximum = 1 },
            new("similarities", "Calibrated cosines between the outputs of each step and the one before, one a step (others are taken by nearest index), separated by commas or as an array; 'inference calibrate' measures them. Needed.", ""),
            CacheOptions.MaxSkip(3), CacheOptions.First(2), CacheOptions.Last(1), CacheOptions.Order(0), CacheOptions.Differences,
        ],
    };

    private static CachePlan Plan(CacheRun run)
    {
        var similarities = CacheOptions.ByNearestIndex(
            CacheOptions.Numbers(run.Options, "similarities", "numbers from -1 to 1", cosine => cosine is >= -1 and <= 1, "step_rehash needs the similarities calibrated for the model."), run.Steps);
        var (threshold, longest) = (run.Options.Number("threshold"), run.Options.Integer("max_skip"));
        var (angle, skipped) = (0.0, 0);
        return new("step_rehash", FeatureScope.Output, CacheOptions.Predictor(run.Options), CacheOptions.Steps(run, StepKind.Skipped, IsFull));

        // Steps are asked for in order; those of the warm-up and the end are not.
        bool IsFull(int step)
        {
            angle += Math.Acos(similarities[step]);
            if (threshold < 1 && angle < Math.PI && Math.Cos(angle) >= threshold && ++skipped <= longest)
                return false;
            (angle, skipped) = (0, 0);
            return true;
        }
    }
}
