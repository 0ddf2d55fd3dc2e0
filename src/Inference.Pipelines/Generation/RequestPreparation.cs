using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What the pictures of a request share.</summary>
/// <param name="Conditions">What they are conditioned on: one of all, or one a picture.</param>
/// <param name="Start">The picture they start from, or null.</param>
/// <param name="Features">Sizes of a row's features where the request caches; null where every step is full.</param>
internal sealed record PreparedRequest(Conditions[] Conditions, LatentPosterior? Start, FeatureSizes? Features)
{
    /// <summary>What a picture is conditioned on.</summary>
    public Conditions ConditionsOf(int index) => Conditions[Math.Min(index, Conditions.Length - 1)];
}

/// <summary>Makes what the pictures of a request share, before the first of them is denoised.</summary>
/// <param name="model">Name of the model.</param>
/// <param name="parts">The model.</param>
/// <param name="components">The thread of the small graphs.</param>
internal sealed class RequestPreparation(string model, PipelineParts parts, EvaluationThread components)
{
    /// <summary>Encodes the text and the picture, and makes the network ready to cache.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<PreparedRequest> PrepareAsync(ValidatedRequest request, CancellationToken cancellationToken)
    {
        var conditions = new Conditions[Math.Max(1, request.Request.ClassLabels.Length)];
        for (var i = 0; i < conditions.Length; i++)
            conditions[i] = await parts.Conditioner.EncodeAsync(request.ConditionsOf(i), cancellationToken);
        var size = request.Settings.Size;
        var start = request.Request.Image is { } image
            ? await parts.Encoder!.EncodeAsync(ImageResize.To(image, size.Width, size.Height), cancellationToken)
            : null;
        return new(conditions, start, await FeaturesAsync(request, conditions[0].Conditional, cancellationToken));
    }

    /// <summary>Derives, opens and checks what the policy of a request needs of the network, once a shape.</summary>
    /// <returns>Sizes of a row's features; null where every step is full.</returns>
    public async Task<FeatureSizes?> FeaturesAsync(ValidatedRequest request, Conditioning conditioning, CancellationToken cancellationToken) =>
        request.Cache is { IsPlain: false } plan
            ? await components.RunAsync(() => RequestCache.Prepare(plan, model, parts, request.Shape, conditioning), cancellationToken)
            : null;
}
