using Inference.Batching;

namespace Inference.Pipelines;

/// <summary>Predicts what requests take, from the costs measured at warm-up and from the sizes of what they cache.</summary>
/// <param name="parts">The model.</param>
/// <param name="network">Its network on the device.</param>
/// <param name="preparation">Makes the network ready to cache.</param>
internal sealed class RequestForecast(PipelineParts parts, BatchNetwork network, RequestPreparation preparation)
{
    /// <summary>Predicts a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="decodePerValue">Time that decoding takes for each value of a latent.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async ValueTask<PredictedCost> PredictAsync(ValidatedRequest request, TimeSpan decodePerValue, CancellationToken cancellationToken)
    {
        // Adaptive samplers take what the data asks for; two evaluations a step is a middling guess.
        var evaluations = request.Plan.Evaluations ?? 2 * request.Settings.Steps;
        var rows = parts.IsGuided(request.Settings.GuidanceScale) ? 2 : 1;
        var full = new CostKey(BatchKey.Full, request.Shape);
        var cost = new PredictedCost(request.Request.Count, rows, evaluations, decodePerValue * request.Shape.Length, network.Curves.Of(full), network.MaxRows(request.Shape));
        if (request.Parallel is { } parallel)
            return ParallelCost.Of(cost, parallel.Plan, network.FreeEvaluations(full, rows));
        if (request.Cache is not { IsPlain: false } plan)
            return cost;
        // The empty prompt is always at hand, and prompts are of one length.
        var empty = request.ConditionsOf(0) with { Prompt = "", NegativePrompt = null, GuidanceScale = 1 };
        var conditions = await parts.Conditioner.EncodeAsync(empty, cancellationToken);
        var sizes = (await preparation.FeaturesAsync(request, conditions.Conditional, cancellationToken))!;
        var skipping = network.Curves.Of(new CostKey(plan.SkippingVariant, request.Shape));
        var share = plan.PredictedShare(skipping.Milliseconds(rows) / cost.Curve.Milliseconds(rows));
        return cost with
        {
            Evaluations = Math.Max(1, (int)Math.Ceiling(share * evaluations)),
            FeatureBytesPerPicture = plan.Bytes(sizes, rows, Math.Max(1, request.Plan.Sampler.EvaluationsPerStep)),
        };
    }
}
