using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>How one run caches: what, when and how. Decides by the step of a row, never by counting calls. Immutable, shared by a request's pictures.</summary>
public sealed class CachePlan
{
    private readonly ImmutableArray<StepKind> _steps;

    internal CachePlan(string policy, FeatureScope scope, IPredictor predictor, ImmutableArray<StepKind> steps, IGate? gate = null)
    {
        (Policy, Scope, Predictor, _steps, Gate) = (policy, scope, predictor, steps, gate);
        // Without a step to skip, nothing is cached: the run is the plain one.
        IsPlain = steps.All(kind => kind == StepKind.Full);
    }

    /// <summary>Id of the policy.</summary>
    public string Policy { get; }

    /// <summary>What is cached.</summary>
    public FeatureScope Scope { get; }

    /// <summary>Whether every step is full.</summary>
    public bool IsPlain { get; }

    /// <summary>Form of the network that evaluates skipped rows; <see cref="NetworkVariant.Full"/> where they are not evaluated at all.</summary>
    public NetworkVariant SkippingVariant => ScopeVariants.Of(Scope).Skipping;

    /// <summary>What the run is predicted to take of the plain one.</summary>
    /// <param name="skippedCost">Cost of a skipped row by that of a full one; NaN while it is not known.</param>
    public double PredictedShare(double skippedCost)
    {
        // What the data decides, and what has not been measured, is taken to be full.
        if (Gate is not null || (!Scope.IsOutside && !(skippedCost is > 0 and < 1)))
            return 1;
        var full = (double)_steps.Count(kind => kind == StepKind.Full) / Steps;
        return full + (1 - full) * Scope.Kind switch
        {
            // Of the two sides of guidance, one is evaluated.
            FeatureKind.GuidanceDelta => 0.5,
            FeatureKind.Output or FeatureKind.OutputChange => 0,
            _ => skippedCost,
        };
    }

    internal IPredictor Predictor { get; }

    /// <summary>What decides at gated steps; null where the plan leaves none open.</summary>
    internal IGate? Gate { get; }

    /// <summary>Steps of the run.</summary>
    internal int Steps => _steps.Length;

    /// <summary>What to do at a step; steps a sampler adds to its trajectory are full.</summary>
    internal StepKind At(int step) => step < _steps.Length ? _steps[step] : StepKind.Full;

    /// <summary>The last full step before a skipped one: what it is predicted from.</summary>
    internal int LastFull(int step) => _steps.AsSpan(0, step).LastIndexOf(StepKind.Full);

    /// <summary>Whether a later step is predicted from a full one: if not, its features need not be kept.</summary>
    internal bool IsUsed(int step)
    {
        var (newer, remembered) = (0, Math.Max(Predictor.Factors, Gate?.History ?? 0));
        for (var later = step + 1; later < _steps.Length && newer < remembered; later++)
            if (_steps[later] != StepKind.Full)
                return true;
            else
                newer++;
        return false;
    }

    /// <summary>Bytes of the features of one picture.</summary>
    /// <param name="sizes">Sizes of one row's features.</param>
    /// <param name="branches">Sides of guidance, 1 or 2.</param>
    /// <param name="stages">Evaluations a step, ≥ 1; each has features of its own.</param>
    public long Bytes(FeatureSizes sizes, int branches, int stages) =>
        IsPlain ? 0 : (Scope.Kind == FeatureKind.GuidanceDelta ? branches - 1 : branches) * stages * FeatureState.Bytes(sizes, this);
}
